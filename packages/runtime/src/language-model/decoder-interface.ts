// What a decoder's graph takes and gives, read off an open session: its cache, its vocabulary, the optional inputs it has.
// The names are those of onnxruntime-genai and transformers.js, which `@fs/onnx` uses too.
import type { InferenceSession } from 'onnxruntime-common'
import type { CacheTensor } from '../cache/cache-store.ts'
import { runtimeError } from '../errors.ts'

/** Inputs a graph may have beside tokens, mask and cache. */
const OPTIONAL_INPUTS = ['first_logit', 'rotary_lengths', 'position_ids'] as const

export type OptionalInput = (typeof OPTIONAL_INPUTS)[number]

export type DecoderInterface = {
  readonly cache: readonly CacheTensor[]
  readonly vocabularySize: number
  readonly takes: ReadonlySet<OptionalInput>
  /** Positions that get logits: from the one `first_logit` names on, every one, or the last. */
  readonly logits: 'asked' | 'all' | 'last'
}

/** @throws FsError `runtime/not-a-decoder` naming what is missing or unknown */
export function decoderInterface(session: InferenceSession): DecoderInterface {
  const refuse = (reason: string) => runtimeError('runtime/not-a-decoder', `this ONNX model is no decoder that can be run: ${reason}`, {})
  const cache: CacheTensor[] = []
  const takes = new Set<OptionalInput>()
  for (const input of session.inputMetadata) {
    const { name } = input
    const past = /^past_key_values\.(.+)$/.exec(name)
    if (past !== null) cache.push(cacheTensor(input, past[1]!, session, refuse))
    else if (isOptional(name)) takes.add(name)
    else if (name !== 'input_ids' && name !== 'attention_mask') throw refuse(`its input ${name} is unknown`)
  }
  for (const name of ['input_ids', 'attention_mask']) if (!session.inputNames.includes(name)) throw refuse(`it has no input ${name}`)
  if (cache.length === 0) throw refuse('it has no inputs past_key_values.*, so every token would cost as much as the whole text')
  const logits = session.outputMetadata.find(({ name }) => name === 'logits')
  const [, positions, vocabularySize] = logits?.isTensor ? logits.shape : []
  if (typeof vocabularySize !== 'number') throw refuse('it has no output logits of a known size')
  return { cache, vocabularySize, takes, logits: takes.has('first_logit') ? 'asked' : positions === 1 ? 'last' : 'all' }
}

/** [batch, heads, past, dimension] */
function cacheTensor(
  input: InferenceSession.ValueMetadata,
  place: string,
  session: InferenceSession,
  refuse: (reason: string) => Error,
): CacheTensor {
  const [, heads, , dimension] = input.isTensor ? input.shape : []
  const type = input.isTensor ? input.type : undefined
  const output = [
    { name: `present.${place}`, holds: 'whole' },
    { name: `appended.${place}`, holds: 'appended' },
  ].find(({ name }) => session.outputNames.includes(name)) as CacheTensor['output'] | undefined
  if (output === undefined) throw refuse(`it has an input ${input.name} but no output present.${place}`)
  if (typeof heads !== 'number' || typeof dimension !== 'number' || (type !== 'float32' && type !== 'float16')) {
    throw refuse(`its input ${input.name} is not [batch, heads, past, dimension] of floats`)
  }
  return { past: input.name, output, heads, dimension, type }
}

function isOptional(name: string): name is OptionalInput {
  return (OPTIONAL_INPUTS as readonly string[]).includes(name)
}
