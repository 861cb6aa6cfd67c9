// One GGUF model as one or several files: layout, literals and placements for the plan.
// Which types its tensors have was decided before.

import type { DerivedTensor } from '@fs/arch'
import type { GgmlType, MetadataValue } from '@fs/core'
import { type GgufLayout, type GgufTensorPlan, layoutGguf, planGgufSplit, type SplitLimit, splitName } from '@fs/formats/gguf'
import type { Placement } from './assemble-plan.ts'
import type { PlanOutput } from './conversion-plan.ts'
import type { ResultTensor } from './result-tensors.ts'

export type GgufOutputInput = {
  /** Final path of the file, or of the model whose parts get `-00001-of-00003` before `.gguf`. */
  readonly path: string
  readonly metadata: ReadonlyMap<string, MetadataValue>
  /** In file order; derived tensors are F32 and known already. */
  readonly tensors: readonly GgufOutputTensor[]
  /** Several files: by a limit, or by the part each tensor is to go to (ascending with the tensors). */
  readonly split?: SplitLimit | { readonly parts: readonly number[] }
  /** Index the first file gets among the plan's outputs. */
  readonly firstOutput: number
}

export type GgufOutputTensor =
  | { readonly kind: 'result'; readonly tensor: ResultTensor; readonly type: GgmlType; readonly importance?: number }
  | { readonly kind: 'derived'; readonly tensor: DerivedTensor }

type Part = { readonly path: string; readonly layout: GgufLayout }

export function ggufOutputs(input: GgufOutputInput): {
  readonly outputs: readonly PlanOutput[]
  readonly placements: readonly Placement[]
} {
  const byName = new Map(input.tensors.map((entry) => [entry.tensor.name, entry]))
  const outputs: PlanOutput[] = []
  const placements: Placement[] = []
  for (const { path, layout } of partsOf(input)) {
    const output = input.firstOutput + outputs.length
    const literals = [{ offset: 0, bytes: layout.header }]
    for (const place of layout.tensors) {
      const entry = byName.get(place.name)!
      if (entry.kind === 'derived') literals.push({ offset: place.offset, bytes: bytesOfFloats(entry.tensor.values) })
      else {
        const { offset, byteLength } = place
        placements.push({
          tensor: entry.tensor,
          target: {
            output,
            type: entry.type,
            offset,
            byteLength,
            ...(entry.importance === undefined ? {} : { importance: entry.importance }),
          },
        })
      }
    }
    outputs.push({ path, size: layout.size, literals })
  }
  return { outputs, placements }
}

function partsOf(input: GgufOutputInput): readonly Part[] {
  const tensors = input.tensors.map((entry) =>
    entry.kind === 'derived'
      ? { name: entry.tensor.name, type: 'F32' as const, shape: [entry.tensor.values.length] }
      : { name: entry.tensor.name, type: entry.type, shape: entry.tensor.shape },
  )
  const { metadata, split } = input
  if (split === undefined) return [{ path: input.path, layout: layoutGguf({ metadata, tensors }) }]
  const prefix = input.path.replace(/\.gguf$/i, '')
  if ('parts' in split) return givenParts(input, tensors, split.parts, prefix)
  return planGgufSplit({ metadata, tensors, prefix, limit: split }).map((part) => ({ path: part.fileName, layout: part.layout }))
}

/** Parts as a split source has them; only the first carries the model's metadata (llama-quantize --keep-split). */
function givenParts(input: GgufOutputInput, tensors: readonly GgufTensorPlan[], parts: readonly number[], prefix: string): readonly Part[] {
  const count = new Set(parts).size
  return [...new Set(parts)].map((part, index) => {
    const metadata = new Map<string, MetadataValue>(index === 0 ? input.metadata : [])
    metadata.set('split.no', { type: 'UINT16', value: index })
    metadata.set('split.count', { type: 'UINT16', value: count })
    metadata.set('split.tensors.count', { type: 'INT32', value: tensors.length })
    return {
      path: splitName(prefix, index + 1, count),
      layout: layoutGguf({ metadata, tensors: tensors.filter((_, tensor) => parts[tensor] === part) }),
    }
  })
}

/** Little-endian bytes whatever this machine is. */
function bytesOfFloats(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (const [index, value] of values.entries()) view.setFloat32(index * 4, value, true)
  return bytes
}
