// The only list of containers. Order decides for a folder that has several: safetensors before pickles, as transformers does.
import type { Container } from './container.ts'
import { gguf } from './gguf.ts'
import { pytorch } from './pytorch.ts'
import { safetensors } from './safetensors.ts'

export const CONTAINERS = [safetensors, pytorch, gguf] as const satisfies readonly Container[]

export type ContainerId = (typeof CONTAINERS)[number]['id']
