// Holds a description against the tensors a file really has: every needed tensor present with the right shape, every stored tensor used.
// It reads no data.

import { canonicalTensors } from './canonical-tensors.ts'
import type { TensorShapes } from './checkpoint-view.ts'
import type { Architecture, Description } from './define-arch.ts'
import { archError } from './errors.ts'
import { type Transform, transformShapes } from './transforms.ts'
import type { WeightRow } from './weights.ts'

/** The three ways a model's tensors may be stored. */
export type StorageForm = 'huggingFace' | 'gguf' | 'canonical'

/** A weight row and where its tensors stand in one particular file. */
export type BoundWeight = {
  readonly row: WeightRow
  /** Names as the file spells them, in the row's order. */
  readonly stored: readonly string[]
  /** From canonical to this file's form. */
  readonly store: readonly Transform[]
}

/** @returns the names and layout of a row in one form; in canonical form nothing is rearranged. */
export function formOf(row: WeightRow, form: StorageForm): { readonly names: readonly string[]; readonly store: readonly Transform[] } {
  return form === 'canonical' ? { names: row.canonical, store: [] } : row[form]
}

/**
 * Finds each row's tensors in a file.
 * @param tensors names and shapes as stored
 * @throws FsError `arch/tensor-missing`, `arch/tensor-unmapped` or `arch/tensor-shape`, naming the tensor.
 */
export function bindWeights(description: Description, form: StorageForm, tensors: TensorShapes): readonly BoundWeight[] {
  const { architecture, weights, spec, derivedTensors } = description
  const byStandardName =
    form === 'huggingFace' ? architecture.standardNames(tensors.keys()) : new Map([...tensors.keys()].map((name) => [name, name]))
  const shapes = new Map(canonicalTensors(spec).map((tensor) => [tensor.name, tensor.shape]))
  const used = new Set(form === 'gguf' ? derivedTensors.map((tensor) => tensor.name) : [])
  const bound = weights.map((row) => {
    const { names, store } = formOf(row, form)
    let expected: readonly (readonly number[])[] = row.canonical.map((name) => shapes.get(name)!)
    for (const transform of store) expected = transformShapes(transform, expected)
    const stored = names.map((name, index) => {
      const actualName = byStandardName.get(name)
      if (actualName === undefined) throw missing(architecture, name, row)
      const actual = tensors.get(actualName)!
      if (actual.join() !== expected[index]!.join()) {
        throw archError(
          'arch/tensor-shape',
          `tensor ${actualName} has shape [${actual.join(', ')}], but ${architecture.title} with this configuration needs [${expected[index]!.join(', ')}]`,
          { tensor: actualName, actual: [...actual], expected: [...expected[index]!] },
        )
      }
      used.add(actualName)
      return actualName
    })
    return { row, stored, store }
  })
  const unmapped = [...byStandardName.values()].filter((name) => !used.has(name))
  if (unmapped.length > 0) {
    const more = unmapped.length > 1 ? ` (and ${unmapped.length - 1} more)` : ''
    throw archError(
      'arch/tensor-unmapped',
      `tensor ${unmapped[0]}${more} has no place in ${architecture.title}; leaving it out would give a wrong model`,
      {
        tensor: unmapped[0],
        tensors: unmapped.slice(0, 20),
      },
    )
  }
  return bound
}

function missing(architecture: Architecture, name: string, row: WeightRow) {
  return archError(
    'arch/tensor-missing',
    `the checkpoint has no tensor ${name}, which ${architecture.title} needs for ${row.canonical.join(', ')}`,
    { tensor: name },
  )
}
