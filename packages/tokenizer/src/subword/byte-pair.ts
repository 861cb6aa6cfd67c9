// Byte-pair encoding by a ranked merge list, over characters or over bytes: the model of GPT-2, Llama 3, Qwen, and of tokenizer.json files
// made from SentencePiece. Merging by token scores is in `score-merge.ts`.
import { BYTE_CHARACTERS } from '../text/byte-alphabet.ts'
import { type MergeRules, mergeSymbols } from './merge.ts'
import type { SubwordModel } from './model.ts'
import type { PairTable } from './pair-table.ts'

/** Merges as numbers: `ranks` maps a pair of symbols to its rank, `results[rank]` is the symbol it makes. */
export type Merges = { readonly ranks: PairTable; readonly results: Int32Array }

export type BytePairOptions = {
  /** `bytes`: a word's UTF-8 bytes, spelled in GPT-2's byte alphabet. `characters`: its code points. */
  readonly alphabet: 'bytes' | 'characters'
  readonly symbolOf: (text: string) => number | undefined
  readonly merges: Merges
  /** The token a word is as a whole, which it then takes whatever the merges say (`ignore_merges`). */
  readonly wholeWords?: (text: string) => number | undefined
  /** Written before each character but the first (`continuing_subword_prefix`), and after the last (`end_of_word_suffix`). */
  readonly continuingPrefix: string
  readonly wordSuffix: string
  /** Ids of the 256 byte tokens `<0x00>`…`<0xFF>` for characters the vocabulary lacks. */
  readonly byteFallback?: Int32Array
  /** The token for a character the vocabulary lacks; absent, such characters vanish, as in Hugging Face's library. */
  readonly unknown?: { readonly id: number; readonly fuse: boolean }
}

const encoder = new TextEncoder()

/** The 256 byte tokens of a vocabulary, -1 where one is missing. */
export function byteTokenIds(symbolOf: (text: string) => number | undefined): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => symbolOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`) ?? -1)
}

export function createBytePairModel(options: BytePairOptions): SubwordModel {
  const { alphabet, symbolOf, merges, continuingPrefix, wordSuffix, byteFallback, unknown } = options
  const rules: MergeRules = {
    find: (left, right) => merges.ranks.get(left, right),
    rank: (join) => join,
    result: (join) => merges.results[join]!,
  }

  const addUnknown = (character: string, symbols: number[]) => {
    if (byteFallback !== undefined) {
      const bytes = encoder.encode(character)
      if (bytes.every((byte) => byteFallback[byte]! >= 0)) {
        for (const byte of bytes) symbols.push(byteFallback[byte]!)
        return
      }
    }
    if (unknown !== undefined && !(unknown.fuse && symbols.at(-1) === unknown.id)) symbols.push(unknown.id)
  }

  return {
    encode(word, output) {
      const characters = alphabet === 'bytes' ? Array.from(encoder.encode(word), (byte) => BYTE_CHARACTERS[byte]!) : Array.from(word)
      const whole = options.wholeWords?.(alphabet === 'bytes' ? characters.join('') : word)
      if (whole !== undefined) {
        output.push(whole)
        return
      }
      const symbols: number[] = []
      for (let index = 0; index < characters.length; index++) {
        const prefix = index > 0 ? continuingPrefix : ''
        const suffix = index === characters.length - 1 ? wordSuffix : ''
        const symbol = symbolOf(prefix + characters[index]! + suffix)
        if (symbol === undefined) addUnknown(characters[index]!, symbols)
        else symbols.push(symbol)
      }
      const count = mergeSymbols(symbols, rules)
      for (let index = 0; index < count; index++) output.push(symbols[index]!)
    },
  }
}
