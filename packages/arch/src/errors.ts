// The error codes of this package. Not the place for messages: those stand where the error is thrown.
import { errorFactory } from '@fs/core'

export const ARCH_ERRORS = {
  'arch/config-missing': 'The configuration lacks a value the architecture needs and transformers has no default for.',
  'arch/config-invalid': 'A configuration value has the wrong type or is out of range.',
  'arch/config-conflict': 'Two configuration values contradict each other, or the tensors contradict the configuration.',
  'arch/rope-unknown': 'The rotary embedding is scaled in a way this toolkit does not know.',
  'arch/tensor-missing': 'The checkpoint lacks a tensor the architecture needs.',
  'arch/tensor-unmapped': 'The checkpoint holds a tensor the architecture does not know.',
  'arch/tensor-shape': 'A tensor has another shape than the configuration implies.',
  'arch/transform-shape': 'A transform was applied to tensors whose shapes it cannot take.',
  'arch/not-expressible': 'The target container has no way to say what the model needs.',
} as const

export const archError = errorFactory(ARCH_ERRORS)
