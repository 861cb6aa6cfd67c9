// Puts a tokenizer together from its parts: literal tokens, the encoder of ordinary text, the frame around it, the decoder.
// The parts come from the folder of each source format; nothing here knows a format.
import type { Segment } from '@fs/core'
import type { Decoder } from './decoders/decoder.ts'
import { fail } from './errors.ts'
import type { ControlScope, TokenMatcher } from './text/token-matcher.ts'
import type { DecodeOptions, SpecialIds, Tokenizer } from './tokenizer.ts'

/** Encodes text between literal tokens. `offset` is where the text begins in the whole; 0 says nothing came before it. */
export type EncodeSection = (text: string, offset: number, mayBeControl: ControlScope, output: number[]) => void

export type TokenizerParts = {
  /** Token text by id; holes are ids without a token. */
  readonly tokens: readonly (string | undefined)[]
  readonly tokenIds: ReadonlyMap<string, number>
  readonly special: SpecialIds
  /** Ids that `skipSpecialTokens` leaves out. */
  readonly controlIds: ReadonlySet<number>
  /** Ids that `addSpecialTokens` puts around a text. */
  readonly frame: { readonly before: readonly number[]; readonly after: readonly number[] }
  readonly literals: TokenMatcher
  readonly encodeSection: EncodeSection
  /** Segments of either kind are encoded apart, for the rare vocabulary whose control tokens are only visible after normalizing. */
  readonly separateSegments: boolean
  readonly decoder: Decoder
}

export function assembleTokenizer(parts: TokenizerParts): Tokenizer {
  const { tokens, tokenIds, special, controlIds, frame, literals, encodeSection, decoder } = parts

  const encodeText = (text: string, offset: number, mayBeControl: ControlScope, output: number[]) => {
    let from = 0
    for (const match of literals.find(text, mayBeControl)) {
      if (match.start > from) encodeSection(text.slice(from, match.start), offset + from, shifted(mayBeControl, from), output)
      output.push(match.id)
      from = match.end
    }
    if (from < text.length) encodeSection(text.slice(from), offset + from, shifted(mayBeControl, from), output)
  }

  const encodeSegments = (segments: readonly Segment[], options: { readonly addSpecialTokens?: boolean } = {}) => {
    const framed = options.addSpecialTokens === true
    const output: number[] = framed ? [...frame.before] : []
    const runs = joinRuns(segments)
    if (parts.separateSegments) {
      let offset = 0
      for (const { type, text } of runs) {
        encodeText(text, offset, () => type === 'special', output)
        offset += text.length
      }
    } else encodeText(runs.map((run) => run.text).join(''), 0, scopeOf(runs), output)
    if (framed) output.push(...frame.after)
    return output
  }

  const kept = (ids: ArrayLike<number>, options: DecodeOptions = {}) => {
    const list = Array.from(ids)
    for (const id of list) requireId(id)
    return options.skipSpecialTokens === true ? list.filter((id) => !controlIds.has(id)) : list
  }

  return {
    vocabularySize: tokens.length,
    special,
    addBos: special.bos !== undefined && frame.before[0] === special.bos,
    addEos: special.eos !== undefined && frame.after.at(-1) === special.eos,
    encode: (text, { addSpecialTokens, parseSpecial = false }) =>
      encodeSegments([{ type: parseSpecial ? 'special' : 'text', text }], { addSpecialTokens }),
    encodeSegments,
    decode: (ids, options) => decoder.decode(kept(ids, options)),
    createDecodeStream(options = {}) {
      const stream = decoder.createStream()
      return {
        push: (id) => {
          requireId(id)
          return options.skipSpecialTokens === true && controlIds.has(id) ? '' : stream.push(id)
        },
        end: () => stream.end(),
      }
    },
    tokenToId: (token) => tokenIds.get(token),
    idToToken: (id) => tokens[id],
    idToBytes: (id) => decoder.bytes(id),
    isSpecial: (id) => controlIds.has(id),
  }
}

function requireId(id: number): void {
  if (!Number.isInteger(id) || id < 0) {
    throw fail('tokenizer/id-out-of-range', `${id} is not a token id; ids are integers from 0 on`, { id })
  }
}

const shifted =
  (mayBeControl: ControlScope, by: number): ControlScope =>
  (start, end) =>
    mayBeControl(start + by, end + by)

/** The segments with neighbours of one kind joined, since a border between them means nothing. */
function joinRuns(segments: readonly Segment[]): readonly Segment[] {
  const runs: { type: Segment['type']; text: string }[] = []
  for (const { type, text } of segments) {
    const last = runs.at(-1)
    if (text.length === 0) continue
    if (last?.type === type) last.text += text
    else runs.push({ type, text })
  }
  return runs
}

/** Control tokens may be where one special run covers all of them. */
function scopeOf(runs: readonly Segment[]): ControlScope {
  const ends: number[] = []
  let end = 0
  for (const run of runs) {
    end += run.text.length
    ends.push(end)
  }
  return (start, stop) => {
    let [low, high] = [0, ends.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! > start) high = middle
      else low = middle + 1
    }
    return runs[low]?.type === 'special' && stop <= ends[low]!
  }
}
