// The `pre_tokenizer` of a tokenizer.json: text to words. Words stay text even for byte-level models, whose alphabet the model applies itself.
// Our own splitters, since the library's differ from the Rust original: digits beyond ASCII, single punctuation, Metaspace's split.
import { fail } from '../errors.ts'
import { toByteCharacters } from '../text/byte-alphabet.ts'
import { SPLIT_BEHAVIORS, type SplitBehavior, split } from '../text/split.ts'
import { flatten } from './normalizer.ts'
import { readPattern } from './pattern.ts'
import type { Reader } from './reader.ts'

export type PreTokenizer = {
  /** Whether words reach the model as bytes in GPT-2's alphabet. */
  readonly byteLevel: boolean
  /** @param offset where the text begins in the whole; 0 is the very start. */
  words(text: string, offset: number): readonly string[]
}

type Step = (word: string, offset: number) => readonly string[]

/** The pattern of `ByteLevel` with `use_regex` (GPT-2's `encoder.py`). */
const GPT2_PATTERN =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu
const WHITESPACE_RUN = /\p{White_Space}/gu

/** @throws FsError for stages that are unknown or malformed. */
export function readPreTokenizer(reader: Reader | undefined): PreTokenizer {
  if (reader === undefined) return { byteLevel: false, words: (text) => [text] }
  const stages = flatten(reader, 'pretokenizers')
  const byteLevel = stages.findIndex((stage) => stage.field('type').string() === 'ByteLevel')
  // What comes after the byte-level stage (Falcon's digits) works on its alphabet, so words are spelled in it there.
  const spelled = byteLevel >= 0 && byteLevel < stages.length - 1
  const steps = stages.map(readStep)
  if (spelled) steps.splice(byteLevel + 1, 0, (word) => [toByteCharacters(word)])
  return {
    byteLevel: byteLevel >= 0 && !spelled,
    words(text, offset) {
      // Stages that put a space before a text put none before nothing.
      if (text === '') return []
      let words: readonly string[] = [text]
      for (const step of steps) {
        if (words.length === 1) words = step(words[0]!, offset)
        else {
          let at = offset
          const next: string[] = []
          for (const word of words) {
            for (const piece of step(word, at)) next.push(piece)
            at += word.length
          }
          words = next
        }
      }
      return words
    },
  }
}

function readBehavior(reader: Reader | undefined, otherwise: SplitBehavior): SplitBehavior {
  if (reader === undefined) return otherwise
  const found = SPLIT_BEHAVIORS.find((behavior) => behavior === reader.string())
  if (found === undefined) throw reader.malformed(`one of ${SPLIT_BEHAVIORS.join(', ')}`)
  return found
}

function readStep(reader: Reader): Step {
  const type = reader.field('type').string()
  const flag = (name: string, otherwise: boolean) => reader.optional(name)?.boolean() ?? otherwise
  switch (type) {
    case 'ByteLevel': {
      const prefixed = flag('add_prefix_space', true)
      const cut: Step = flag('use_regex', true) ? (word) => split(word, GPT2_PATTERN, 'Isolated', false) : (word) => [word]
      return (word, offset) => cut(prefixed && !word.startsWith(' ') ? ` ${word}` : word, offset)
    }
    case 'Split': {
      const pattern = readPattern(reader.field('pattern'))
      const behavior = readBehavior(reader.field('behavior'), 'Isolated')
      const invert = flag('invert', false)
      return (word) => split(word, pattern, behavior, invert)
    }
    case 'Digits': {
      const behavior = flag('individual_digits', false) ? 'Isolated' : 'Contiguous'
      return (word) => split(word, /\p{N}/gu, behavior, false)
    }
    case 'Punctuation': {
      const behavior = readBehavior(reader.optional('behavior'), 'Isolated')
      return (word) => split(word, PUNCTUATION, behavior, false)
    }
    case 'Whitespace':
      return (word) =>
        split(
          word,
          /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu,
          'Removed',
          true,
        )
    case 'WhitespaceSplit':
      return (word) => split(word, WHITESPACE_RUN, 'Removed', false)
    case 'BertPreTokenizer':
      return (word) => split(word, WHITESPACE_RUN, 'Removed', false).flatMap((piece) => split(piece, PUNCTUATION, 'Isolated', false))
    case 'CharDelimiterSplit': {
      const delimiter = reader.field('delimiter').string()
      if (Array.from(delimiter).length !== 1) throw reader.field('delimiter').malformed('one character')
      return (word) => word.split(delimiter).filter((piece) => piece.length > 0)
    }
    case 'Metaspace':
      return readMetaspace(reader, flag)
    default:
      throw fail('tokenizer/unsupported', `${reader.where}: the pre-tokenizer "${type}" is not implemented, so texts would get wrong ids`, {
        type,
      })
  }
}

/** Spaces become `▁`, one is put before the text as the scheme says, and each begins a word (`pre_tokenizers/metaspace.rs`). */
function readMetaspace(reader: Reader, flag: (name: string, otherwise: boolean) => boolean): Step {
  const replacement = reader.optional('replacement')?.string() ?? '▁'
  if (Array.from(replacement).length !== 1) throw reader.field('replacement').malformed('one character')
  const scheme = reader.optional('prepend_scheme')?.string() ?? (flag('add_prefix_space', true) ? 'always' : 'never')
  if (scheme !== 'always' && scheme !== 'never' && scheme !== 'first')
    throw reader.field('prepend_scheme').malformed('always, never or first')
  const pattern = new RegExp(replacement.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'gu')
  const cut = flag('split', true)
  return (word, offset) => {
    const spaced = word.replaceAll(' ', replacement)
    const prefixed = scheme === 'always' || (scheme === 'first' && offset === 0)
    const text = prefixed && !spaced.startsWith(replacement) ? replacement + spaced : spaced
    return cut ? split(text, pattern, 'MergedWithNext', false) : [text]
  }
}
