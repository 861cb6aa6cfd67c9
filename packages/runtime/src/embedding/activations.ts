// A model run for what happens inside: the inputs of its linear layers, whole or as sums of squares. For importance matrices and for
// finding where two models part; nobody generates text with it.
import type { EncoderSpec } from '@fs/arch'
import { encoderGraph, TAP_COUNTS, TAP_INPUTS, TAP_SQUARES, type WeightReader } from '@fs/onnx'
import type { Backend, Values } from '../backend.ts'
import { runtimeError } from '../errors.ts'
import { openSession } from '../open-session.ts'
import { createQueue } from '../queue.ts'
import { runSession } from '../run-session.ts'
import { checkFinite, checkTokens } from '../token-checks.ts'
import { weightFormats } from '../weight-format.ts'

/** Sum of squares of each input channel over `count` rows. */
export type SquaredSums = { readonly sums: Float32Array; readonly count: number }

export type ActivationModel<Tap> = {
  /** Most tokens of one text. */
  readonly contextLength: number
  /**
   * One text from its beginning; what each linear layer read, by canonical name without `.weight`, in the order of computation.
   * @throws FsError `runtime/token-out-of-range`, `runtime/context-overflow`, `runtime/not-finite`, `runtime/run-failed`, `runtime/disposed`
   */
  run(tokens: readonly number[]): Promise<ReadonlyMap<string, Tap>>
  dispose(): Promise<void>
}

export type OpenActivationsOptions = {
  /** For a decoder, `decoderAsEncoder` of it. */
  readonly spec: EncoderSpec
  readonly weights: WeightReader
  readonly backend: Backend
}

/** Name under which the last layer's normed output comes: what the head reads. */
export const HEAD_INPUT = 'output'

/** Inputs whole, row-major [tokens, channels]. @throws FsError as `openEmbeddingModel` */
export function openLayerInputs(options: OpenActivationsOptions): Promise<ActivationModel<Float32Array>> {
  return openTapped(options, 'inputs', (outputs) => {
    const inputs = entriesOf(outputs, TAP_INPUTS).map(([name, value]) => [name, value.data as Float32Array] as const)
    const hidden = outputs.last_hidden_state!.data as Float32Array
    checkFinite(hidden)
    return new Map([...inputs, [HEAD_INPUT, hidden]])
  })
}

/** Inputs as sums of squares by channel; arithmetic is exact. @throws FsError as `openEmbeddingModel` */
export function openSquaredInputs(options: OpenActivationsOptions): Promise<ActivationModel<SquaredSums>> {
  return openTapped(options, 'squares', (outputs, tokens) => {
    const sums = entriesOf(outputs, TAP_SQUARES).map(([name, value]) => {
      const count = Number((outputs[`${TAP_COUNTS}${name}`]!.data as BigInt64Array)[0])
      return [name, { sums: value.data as Float32Array, count }] as const
    })
    const hidden = outputs.last_hidden_state!.data as Float32Array
    checkFinite(hidden)
    return new Map([...sums, [HEAD_INPUT, { sums: squaredColumns(hidden, options.spec.hiddenSize), count: tokens }]])
  })
}

async function openTapped<Tap>(
  { spec, weights, backend }: OpenActivationsOptions,
  taps: 'inputs' | 'squares',
  read: (outputs: Values, tokens: number) => ReadonlyMap<string, Tap>,
): Promise<ActivationModel<Tap>> {
  const { contextLength, vocabularySize } = spec
  const formatOf = weightFormats(spec, weights, 'exact')
  const graph = encoderGraph(spec, { precision: 'float32', arithmetic: 'exact', formatOf, contextLength, taps })
  const session = await openSession(backend, graph, weights)
  const wanted = graph.outputs.map(({ name }) => name)
  const queue = createQueue()
  let disposed = false
  return {
    contextLength,
    run: (tokens) =>
      queue(async () => {
        if (disposed) throw runtimeError('runtime/disposed', 'this model was disposed; open it again', {})
        checkTokens(tokens, vocabularySize)
        if (tokens.length > contextLength) {
          throw runtimeError(
            'runtime/context-overflow',
            `a text of ${tokens.length} tokens exceeds the model's context of ${contextLength}; shorten it`,
            { added: tokens.length, contextLength },
          )
        }
        const row = (values: BigInt64Array) => new backend.Tensor('int64', values, [1, tokens.length])
        const feeds = {
          input_ids: row(BigInt64Array.from(tokens, BigInt)),
          attention_mask: row(new BigInt64Array(tokens.length).fill(1n)),
          ...(spec.embedding.tokenTypes === null ? {} : { token_type_ids: row(new BigInt64Array(tokens.length)) }),
        }
        const outputs = await runSession(session, feeds, wanted)
        for (const tensor of Object.values(outputs)) await tensor.getData(true)
        return read(outputs, tokens.length)
      }),
    dispose: () =>
      queue(async () => {
        if (disposed) return
        disposed = true
        await session.release()
      }),
  }
}

function entriesOf(outputs: Values, prefix: string) {
  return Object.entries(outputs)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), value] as const)
}

function squaredColumns(values: Float32Array, columns: number): Float32Array {
  const sums = new Float32Array(columns)
  for (let index = 0; index < values.length; index++) sums[index % columns]! += values[index]! ** 2
  return sums
}
