// Collects an importance matrix: sums of squared activations for each input channel of each multiplied weight, as llama-imatrix does
// (tools/imatrix/imatrix.cpp). Its file forms are `@fs/formats/imatrix`'s; running the model is the caller's.
import type { WeightRow } from '@fs/arch'
import type { Imatrix, ImatrixEntry } from '@fs/formats/imatrix'
import { type Windows, windowInput } from '../scoring/windows.ts'

/** What a model tells of one text: squares of each linear layer's inputs, summed by channel over `count` tokens, by canonical name. */
export type SquaredInputs = ReadonlyMap<string, { readonly sums: Float32Array; readonly count: number }>

export type CollectOptions = {
  /** Rows of the model's description: which GGUF tensor each canonical weight becomes. */
  readonly weights: readonly WeightRow[]
  /** The output matrix too; llama-imatrix leaves it out unless told (`--process-output`). */
  readonly output: 'leave-out' | 'include'
  /** What the text is called. */
  readonly dataset: string
  readonly onWindow?: (index: number) => void
  readonly signal?: AbortSignal
}

/** @param run one text from its beginning, `openSquaredInputs` of `@fs/runtime` */
export async function collectImatrix(
  run: (tokens: readonly number[]) => Promise<SquaredInputs>,
  windows: Windows,
  options: CollectOptions,
): Promise<Imatrix> {
  const places = placesOf(options.weights, options.output)
  const totals = new Map<string, { readonly sums: Float64Array; readonly counts: Float64Array }>()
  for (let index = 0; index < windows.count; index++) {
    options.signal?.throwIfAborted()
    for (const [layer, { sums, count }] of await run(windowInput(windows, index))) {
      const { stack, matrix } = matrixOf(layer)
      const place = places.get(stack)
      if (place === undefined) continue
      const total = totals.get(place.tensor) ?? newTotal(place.matrices, sums.length)
      totals.set(place.tensor, total)
      total.counts[matrix]! += count
      for (const [channel, sum] of sums.entries()) total.sums[matrix * sums.length + channel]! += sum
    }
    options.onWindow?.(index)
  }
  const entries = new Map(
    [...totals].map(([tensor, { sums, counts }]): [string, ImatrixEntry] => [
      tensor,
      { sums: Float32Array.from(sums), counts: Float32Array.from(counts) },
    ]),
  )
  return { entries, datasets: [options.dataset], chunkCount: windows.count, chunkSize: windows.contextLength }
}

const newTotal = (matrices: number, channels: number) => ({
  sums: new Float64Array(matrices * channels),
  counts: new Float64Array(matrices),
})

/** `layers.0.feed_forward.experts.3.gate` is the fourth matrix of `layers.0.feed_forward.experts.gate`. */
function matrixOf(layer: string): { readonly stack: string; readonly matrix: number } {
  const expert = /^(.*\.experts)\.(\d+)(\..*)$/.exec(layer)
  return expert === null ? { stack: layer, matrix: 0 } : { stack: `${expert[1]}${expert[3]}`, matrix: Number(expert[2]) }
}

type Place = { readonly tensor: string; readonly matrices: number }

/** By canonical name. Projections that are one tensor in GGUF read the same input, so the first of them stands for all. */
function placesOf(weights: readonly WeightRow[], output: CollectOptions['output']): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const { canonical, gguf, huggingFace } of weights) {
    const experts = [...huggingFace.store, ...gguf.store].find((transform) => transform.kind === 'unstack')?.count ?? 1
    for (const [index, tensor] of gguf.names.entries()) {
      if (!tensor.endsWith('.weight')) continue
      if (!tensor.startsWith('blk.') && !(output === 'include' && tensor === 'output.weight')) continue
      places.set((canonical[index] ?? canonical[0]!).replace(/\.weight$/, ''), { tensor, matrices: experts })
    }
  }
  return places
}
