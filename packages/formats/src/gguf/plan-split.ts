// Decides which tensors of a model go into which file when it is split, with the names and keys of llama-gguf-split.
// Pure, like `layout.ts`, which it uses for every part.
import type { MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import { type GgufLayout, type GgufLayoutInput, type GgufTensorPlan, layoutGguf } from './layout.ts'
import { DEFAULT_ALIGNMENT } from './limits.ts'
import { splitName } from './split-name.ts'
import { align, extentError, tensorBytes } from './tensor-table.ts'

/** How large a part may get: tensor bytes, each padded to 32, without metadata; or a number of tensors. */
export type SplitLimit = { readonly maxBytes: number } | { readonly maxTensors: number }

export type GgufSplitInput = GgufLayoutInput & {
  /** `model` gives `model-00001-of-00003.gguf`. */
  readonly prefix: string
  readonly limit: SplitLimit
  /** `first-empty` puts metadata alone into the first part, so that later edits of it rewrite a small file. */
  readonly firstPart?: 'with-tensors' | 'first-empty'
}

export type GgufPart = { readonly fileName: string; readonly tensors: readonly GgufTensorPlan[]; readonly layout: GgufLayout }

/** Keys that say which part a file is; absent from a whole model. */
export const SPLIT_KEYS = ['split.no', 'split.count', 'split.tensors.count'] as const

/**
 * Splits as llama-gguf-split does (gguf-split.cpp, `split_strategy`): only the first part carries the model's metadata; a part is closed when the
 * next tensor would take it over the limit, so a single tensor larger than the limit makes a part larger than it. A model that fits into one
 * part still gets the split keys and name.
 * @throws FsError gguf/split-limit, and what `layoutGguf` throws
 */
export function planGgufSplit(input: GgufSplitInput): readonly GgufPart[] {
  const groups = groupTensors(input)
  // split.no and split.count are 16-bit in every part.
  if (groups.length > 0xffff)
    throw fail('gguf/split-limit', `the limit makes ${groups.length} parts; at most ${0xffff} can be named`, { parts: groups.length })
  return groups.map((tensors, index) => {
    const metadata = new Map<string, MetadataValue>(index === 0 ? input.metadata : alignmentOf(input))
    // Set anew so that they come last, in this order, also when the input was a part itself.
    for (const key of SPLIT_KEYS) metadata.delete(key)
    metadata.set('split.no', { type: 'UINT16', value: index })
    metadata.set('split.tensors.count', { type: 'INT32', value: input.tensors.length })
    metadata.set('split.count', { type: 'UINT16', value: groups.length })
    return { fileName: splitName(input.prefix, index + 1, groups.length), tensors, layout: layoutGguf({ ...input, metadata, tensors }) }
  })
}

/** A part with another alignment than 32 has to say so itself. */
function alignmentOf(input: GgufSplitInput): [string, MetadataValue][] {
  const stored = input.metadata.get('general.alignment')
  return stored === undefined ? [] : [['general.alignment', stored]]
}

function groupTensors(input: GgufSplitInput): GgufTensorPlan[][] {
  const groups: GgufTensorPlan[][] = input.firstPart === 'first-empty' ? [[], []] : [[]]
  let bytes = 0
  input.tensors.forEach((tensor, index) => {
    const size = tensorBytes(tensor.type, tensor.shape)
    if (typeof size !== 'number') throw extentError(size.problem, 'the file to be written', tensor.name, tensor.type, tensor.shape)
    const padded = align(size, DEFAULT_ALIGNMENT)
    const group = groups.at(-1)!
    if (startsPart(input.limit, index, bytes + padded) && group.length > 0) {
      groups.push([tensor])
      bytes = padded
    } else {
      group.push(tensor)
      bytes += padded
    }
  })
  return groups
}

function startsPart(limit: SplitLimit, index: number, bytes: number): boolean {
  if ('maxTensors' in limit) {
    if (!Number.isInteger(limit.maxTensors) || limit.maxTensors < 1)
      throw fail('gguf/split-limit', 'a part has to take at least one tensor')
    return index > 0 && index % limit.maxTensors === 0
  }
  if (!(limit.maxBytes > 0)) throw fail('gguf/split-limit', 'a part has to take at least one byte')
  return bytes > limit.maxBytes
}
