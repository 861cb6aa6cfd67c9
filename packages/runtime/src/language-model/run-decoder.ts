// One call of the session: some rows of the cache, the new tokens of each, logits out.
// How sequences are grouped into calls is decided in `language-model.ts`.
import type { InferenceSession, TensorConstructor } from 'onnxruntime-common'
import type { Values } from '../backend.ts'
import type { CacheRow, CacheStore } from '../cache/cache-store.ts'
import { runSession } from '../run-session.ts'

/** A row and what is appended to it; all rows of one call get equally many tokens. */
export type RowInput = {
  readonly row: CacheRow
  readonly cached: number
  readonly tokens: readonly number[]
  /** Length of the whole sequence once everything is appended, which may take more than one call. */
  readonly total: number
}

/** @returns for each row its logits from position `firstLogit` of the new ones on, row-major [positions, vocabularySize] */
export type RunDecoder = (inputs: readonly RowInput[], firstLogit: number) => Promise<ReadonlyMap<CacheRow, Float32Array>>

/** @param takesLengths whether the graph has the input `rotary_lengths` */
export function decoderRunner(
  session: InferenceSession,
  store: CacheStore,
  TensorClass: TensorConstructor,
  takesLengths: 'yes' | 'no',
): RunDecoder {
  return async (inputs, firstLogit) => {
    const byRow = new Map(inputs.map((input) => [input.row, input]))
    const count = inputs[0]!.tokens.length
    const longest = inputs.reduce((most, input) => Math.max(most, input.cached + count), 0)
    const rows = inputs.map((input) => input.row)
    const prepared = store.prepare(rows, longest)
    const ordered = prepared.rows.map((row) => byRow.get(row)!)
    const ids = new BigInt64Array(ordered.length * count)
    const mask = new BigInt64Array(ordered.length * longest)
    for (const [index, { tokens, cached }] of ordered.entries()) {
      for (let position = 0; position < count; position++) ids[index * count + position] = BigInt(tokens[position]!)
      mask.fill(1n, index * longest, index * longest + cached + count)
    }
    const integers = (values: BigInt64Array, shape: readonly number[]) => new TensorClass('int64', values, shape)
    const feeds: Values = {
      ...prepared.feeds,
      input_ids: integers(ids, [ordered.length, count]),
      attention_mask: integers(mask, [ordered.length, longest]),
      first_logit: integers(BigInt64Array.of(BigInt(firstLogit)), [1]),
      ...(takesLengths === 'yes'
        ? {
            rotary_lengths: integers(
              BigInt64Array.from(ordered, ({ total }) => BigInt(total)),
              [ordered.length],
            ),
          }
        : {}),
    }
    const outputs = await runSession(session, feeds, { ...prepared.wanted, logits: null })
    store.accept(prepared.rows, outputs, longest)
    const logits = outputs.logits!.data as Float32Array
    const rowLength = logits.length / ordered.length
    return new Map(ordered.map(({ row }, index) => [row, logits.slice(index * rowLength, (index + 1) * rowLength)]))
  }
}
