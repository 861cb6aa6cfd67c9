// Shows tensors that repeat from layer to layer once: `blk.{0..15}.attn_q.weight`. For reading only; JSON lists every tensor.
import type { TensorInfo } from '@fs/core'

export type FoldedTensor = {
  /** The name, with a range in place of the number where there is one. */
  readonly name: string
  readonly tensors: readonly TensorInfo[]
}

/**
 * Tensors in their order, those that differ in nothing but one number of their name together, at the place of the first.
 * A name with several numbers (experts) folds over the first; type and shape must agree, so a layer that is different stays visible.
 */
export function foldLayers(tensors: Iterable<TensorInfo>): readonly FoldedTensor[] {
  const groups = new Map<string, { readonly tensors: TensorInfo[]; readonly layers: number[] }>()
  for (const tensor of tensors) {
    const [, before, layer, after] = /^(.*?\.)(\d{1,6})(\..*)$/.exec(tensor.name) ?? []
    const key = layer === undefined ? tensor.name : JSON.stringify([before, after, tensor.type, tensor.shape])
    const group = groups.get(key) ?? { tensors: [], layers: [] }
    group.tensors.push(tensor)
    if (layer !== undefined) group.layers.push(Number(layer))
    groups.set(key, group)
  }
  return [...groups.values()].map(({ tensors: same, layers }) => {
    const [first] = same
    const name = same.length === 1 ? first!.name : first!.name.replace(/\.\d+\./, `.{${ranges(layers)}}.`)
    return { name, tensors: same }
  })
}

/** [0, 1, 2, 5] as "0..2,5". */
function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((left, right) => left - right)
  const runs: [first: number, last: number][] = []
  for (const number of sorted) {
    const run = runs.at(-1)
    if (run !== undefined && number === run[1] + 1) run[1] = number
    else runs.push([number, number])
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${first}..${last}`)).join(',')
}
