// A language model and a tokenizer small enough to know by heart. Both are real ones for their contracts: the model is a table from the
// last tokens to logits (an n-gram model), with sequences that hold, shorten and free their state and refuse misuse; the tokenizer has
// tokens of several bytes, tokens of half a character and control tokens.
import type { LanguageModel, Sequence, SequenceInput } from '@fs/core'
import type { TextCodec } from './codec.ts'

export type CountingModel = LanguageModel & {
  /** Calls so far: how often the model was run, and for how many tokens. */
  readonly calls: { prefill: number; step: number; tokens: number; largestBatch: number; open: number }
}

/** @param row logits after these tokens; the same array may be returned twice */
export function tableModel(vocabularySize: number, contextLength: number, row: (tokens: readonly number[]) => Float32Array): CountingModel {
  const calls = { prefill: 0, step: 0, tokens: 0, largestBatch: 0, open: 0 }
  const states = new Map<Sequence, number[]>()
  let busy = false

  const append = ({ sequence, tokens }: SequenceInput): Float32Array[] => {
    const state = states.get(sequence)
    if (state === undefined) throw new Error('the sequence was disposed')
    if (tokens.length === 0) throw new Error('nothing to append')
    if (state.length + tokens.length > contextLength) throw new Error('the context overflows')
    calls.tokens += tokens.length
    return tokens.map((token) => {
      if (token < 0 || token >= vocabularySize) throw new Error(`token ${token} is out of range`)
      state.push(token)
      return row(state)
    })
  }

  /** All of a call or nothing of it: a call that fails changes no sequence. */
  const whole = <Result>(inputs: readonly SequenceInput[], work: () => Result): Result => {
    const lengths = inputs.map(({ sequence }) => sequence.tokens.length)
    try {
      return work()
    } catch (error) {
      for (const [index, { sequence }] of inputs.entries()) sequence.truncate(lengths[index]!)
      throw error
    }
  }

  /** Waits a moment, as real models do, and catches calls that overlap. */
  const alone = async <Result>(work: () => Result): Promise<Result> => {
    if (busy) throw new Error('two calls overlap')
    busy = true
    await new Promise((resolve) => setImmediate(resolve))
    busy = false
    return work()
  }

  return {
    vocabularySize,
    contextLength,
    calls,
    createSequence() {
      const tokens: number[] = []
      const sequence: Sequence = {
        tokens,
        truncate(length) {
          if (!states.has(sequence)) throw new Error('the sequence was disposed')
          tokens.length = Math.min(tokens.length, length)
        },
        dispose() {
          if (!states.delete(sequence)) throw new Error('the sequence was disposed twice')
          calls.open -= 1
        },
      }
      states.set(sequence, tokens)
      calls.open += 1
      return sequence
    },
    prefill: (input, logits) =>
      alone(() => {
        calls.prefill += 1
        const rows = whole([input], () => append(input))
        if (logits === 'last') return rows.at(-1)!.slice()
        const all = new Float32Array(rows.length * vocabularySize)
        for (const [index, row] of rows.entries()) all.set(row, index * vocabularySize)
        return all
      }),
    step: (batch) =>
      alone(() => {
        calls.step += 1
        calls.largestBatch = Math.max(calls.largestBatch, batch.length)
        return whole(batch, () => batch.map((input) => append(input).at(-1)!.slice()))
      }),
    dispose: async () => {},
  }
}

/** Logits that follow from the last `order` tokens by a hash: any text, but always the same. */
export function hashedRow(vocabularySize: number, order: number, spread = 4): (tokens: readonly number[]) => Float32Array {
  return (tokens) => {
    let hash = 2166136261
    for (const token of tokens.slice(-order)) hash = Math.imul(hash ^ (token + 1), 16777619)
    const logits = new Float32Array(vocabularySize)
    for (let id = 0; id < vocabularySize; id++) {
      hash = Math.imul(hash ^ (hash >>> 15), 2246822519) + id
      logits[id] = ((hash >>> 8) / 2 ** 24 - 0.5) * 2 * spread
    }
    return logits
  }
}

/** Logits that make the model write `texts` one token after another, whatever it was asked: position in the completion decides. */
export function scriptedRow(
  vocabularySize: number,
  promptLength: number,
  script: readonly number[],
): (tokens: readonly number[]) => Float32Array {
  return (tokens) => {
    const logits = new Float32Array(vocabularySize).fill(-5)
    logits[script[tokens.length - promptLength] ?? 0] = 5
    return logits
  }
}

/**
 * A tokenizer whose tokens are these texts or bytes, `null` for a control token. Encoding takes the longest token that fits.
 */
export function tableCodec(tokens: readonly (string | Uint8Array | null)[]): TextCodec {
  const bytes = tokens.map((token) => (typeof token === 'string' ? new TextEncoder().encode(token) : (token ?? undefined)))
  const encode = (text: string): number[] => {
    const wanted = new TextEncoder().encode(text)
    const ids: number[] = []
    for (let at = 0; at < wanted.length; ) {
      let best = -1
      for (const [id, token] of bytes.entries()) {
        if (token !== undefined && token.length > (bytes[best]?.length ?? 0) && token.every((byte, i) => wanted[at + i] === byte)) best = id
      }
      if (best < 0) throw new Error(`no token for byte ${wanted[at]}`)
      ids.push(best)
      at += bytes[best]!.length
    }
    return ids
  }
  return {
    vocabularySize: tokens.length,
    encode: (text) => encode(text),
    encodeSegments: (segments) => segments.flatMap(({ text }) => encode(text)),
    createDecodeStream() {
      let decoder = new TextDecoder()
      return {
        push: (id) => decoder.decode(bytes[id] ?? new Uint8Array(), { stream: true }),
        end() {
          const rest = decoder.decode()
          decoder = new TextDecoder()
          return rest
        },
      }
    },
    idToBytes: (id) => bytes[id],
    isSpecial: (id) => tokens[id] === null,
  }
}

/** Printable ASCII, some longer tokens, the two halves of `é`, and one control token, which is last. */
export const CODEC: TextCodec = tableCodec([
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  '\n',
  'the ',
  'ing',
  'stop',
  '</s',
  '>>',
  '{"',
  '":',
  ' "',
  'é',
  new Uint8Array([0xc3]),
  new Uint8Array([0xa9]),
  '\n\n',
  'true',
  '12',
  null,
])
export const END = CODEC.vocabularySize - 1
