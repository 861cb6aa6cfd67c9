// One call of the session: some rows of the cache, the new tokens of each, logits out.
// How sequences are grouped into calls is decided in `language-model.ts`.
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common'
import type { Values } from '../backend.ts'
import type { CacheRow, CacheStore } from '../cache/cache-store.ts'
import { fetchFloats, runSession } from '../run-session.ts'
import type { DecoderInterface, OptionalInput } from './decoder-interface.ts'

/** A row and what is appended to it; all rows of one call get equally many tokens. */
export type RowInput = {
  readonly row: CacheRow
  readonly cached: number
  readonly tokens: readonly number[]
  /** Length of the whole sequence once everything is appended, which may take more than one call. */
  readonly total: number
}

/**
 * @returns for each row its logits, row-major [positions, vocabularySize], from position `firstLogit` of the new ones on; a graph that gives
 * logits of the last position only gives no more than that
 */
export type RunDecoder = (inputs: readonly RowInput[], firstLogit: number) => Promise<ReadonlyMap<CacheRow, Float32Array>>

export function decoderRunner(
  session: InferenceSession,
  { takes, vocabularySize }: DecoderInterface,
  store: CacheStore,
  TensorClass: TensorConstructor,
): RunDecoder {
  const integers = (values: BigInt64Array, shape: readonly number[]): Tensor => new TensorClass('int64', values, shape)
  return async (inputs, firstLogit) => {
    const byRow = new Map(inputs.map((input) => [input.row, input]))
    const count = inputs[0]!.tokens.length
    const longest = inputs.reduce((most, input) => Math.max(most, input.cached + count), 0)
    const rows = inputs.map((input) => input.row)
    const prepared = store.prepare(rows, longest)
    const ordered = prepared.rows.map((row) => byRow.get(row)!)
    const ids = new BigInt64Array(ordered.length * count)
    const positions = new BigInt64Array(ordered.length * count)
    const mask = new BigInt64Array(ordered.length * longest)
    for (const [index, { tokens, cached }] of ordered.entries()) {
      for (let position = 0; position < count; position++) {
        ids[index * count + position] = BigInt(tokens[position]!)
        positions[index * count + position] = BigInt(cached + position)
      }
      mask.fill(1n, index * longest, index * longest + cached + count)
    }
    const optional: { readonly [Name in OptionalInput]: () => Tensor } = {
      first_logit: () => integers(BigInt64Array.of(BigInt(firstLogit)), [1]),
      rotary_lengths: () =>
        integers(
          BigInt64Array.from(ordered, ({ total }) => BigInt(total)),
          [ordered.length],
        ),
      position_ids: () => integers(positions, [ordered.length, count]),
    }
    const feeds: Values = {
      ...prepared.feeds,
      input_ids: integers(ids, [ordered.length, count]),
      attention_mask: integers(mask, [ordered.length, longest]),
      ...Object.fromEntries([...takes].map((name) => [name, optional[name]()])),
    }
    const outputs = await runSession(session, feeds, { ...prepared.wanted, logits: null })
    store.accept(ordered, count, outputs)
    const logits = await fetchFloats(outputs.logits!)
    const perRow = logits.length / ordered.length
    // A graph that was not asked gives all positions, or the last one.
    const skipped = Math.max(0, perRow - (count - firstLogit) * vocabularySize)
    return new Map(ordered.map(({ row }, index) => [row, logits.subarray(index * perRow + skipped, (index + 1) * perRow)]))
  }
}
