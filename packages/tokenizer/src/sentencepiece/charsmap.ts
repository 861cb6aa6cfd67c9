// SentencePiece's precompiled normalization table (`nmt_nfkc` and the like): a double-array trie of UTF-8 prefixes and their replacements.
// Layout: u32 bytes of trie, trie units (u32), then replacements ended by NUL (`src/normalizer.cc`; units as in darts-clone).
import { fail } from '../errors.ts'
import { LONGEST_REPLACEMENT } from '../limits.ts'
import { concatenate, lossyText } from '../text/utf8.ts'

export type Charsmap = {
  /** Replaces the longest known prefix at each place, as SentencePiece does. Works on UTF-8, since prefixes are bytes. */
  normalizeBytes(bytes: Uint8Array): Uint8Array
  /** The same by grapheme clusters, each one whole if known, else by characters, as huggingface/tokenizers does (`spm_precompiled`). */
  normalize(text: string): string
}

/** Bytes of text one entry replaces. nmt_nfkc's longest has 12: three characters of Hangul. */
const LONGEST_PREFIX = 64

const encoder = new TextEncoder()
const REPLACEMENT = encoder.encode('\ufffd')

const baseOf = (unit: number) => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0
const labelOf = (unit: number) => (unit & 0x800000ff) >>> 0
const hasLeaf = (unit: number) => ((unit >>> 8) & 1) === 1

/** @throws FsError when the table's lengths do not add up. An empty table replaces nothing. */
export function createCharsmap(table: Uint8Array, where: string): Charsmap {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength)
  const trieBytes = table.length === 0 ? 0 : table.length < 4 ? -1 : view.getUint32(0, true)
  if (trieBytes < 0 || trieBytes % 4 !== 0 || (table.length > 0 && trieBytes + 4 >= table.length)) {
    throw fail('tokenizer/malformed', `${where}: the normalization table's lengths do not fit its ${table.length} bytes`, { where })
  }
  const units = Uint32Array.from({ length: trieBytes / 4 }, (_, index) => view.getUint32(4 + index * 4, true))
  const replacements = table.subarray(table.length === 0 ? 0 : 4 + trieBytes)

  /** Calls `visit` with length and replacement offset of each known prefix at `from`, shortest first, until it returns true. */
  const prefixes = (bytes: Uint8Array, from: number, visit: (length: number, offset: number) => boolean) => {
    if (units.length === 0) return
    let node = baseOf(units[0]!)
    const end = Math.min(bytes.length, from + LONGEST_PREFIX)
    for (let at = from; at < end && bytes[at] !== 0; at++) {
      node = (node ^ bytes[at]!) >>> 0
      const unit = units[node]
      if (unit === undefined || labelOf(unit) !== bytes[at]) return
      node = (node ^ baseOf(unit)) >>> 0
      const leaf = hasLeaf(unit) ? units[node] : undefined
      if (leaf !== undefined && visit(at - from + 1, leaf & 0x7fffffff)) return
    }
  }

  const replacementAt = (offset: number): Uint8Array => {
    const end = replacements.indexOf(0, offset)
    if (end < 0 || end - offset > LONGEST_REPLACEMENT) {
      throw fail('tokenizer/malformed', `${where}: the normalization table has no replacement at ${offset}, or an endless one`, {
        where,
        offset,
      })
    }
    return replacements.subarray(offset, end)
  }

  const shortestReplacement = (chunk: Uint8Array): string | undefined => {
    let found: string | undefined
    prefixes(chunk, 0, (_, offset) => {
      found = lossyText(replacementAt(offset))
      return true
    })
    return found
  }

  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })
  return {
    normalizeBytes(bytes) {
      const pieces: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        let [longest, target] = [0, 0]
        prefixes(bytes, at, (length, offset) => {
          longest = length
          target = offset
          return false
        })
        if (longest > 0) {
          pieces.push(replacementAt(target))
          at += longest
          continue
        }
        const length = characterLength(bytes, at)
        pieces.push(length > 0 ? bytes.subarray(at, at + length) : REPLACEMENT)
        at += Math.max(1, length)
      }
      return concatenate(pieces)
    },
    normalize(text) {
      let result = ''
      for (const { segment } of segmenter.segment(text)) {
        const bytes = encoder.encode(segment)
        const whole = bytes.length < 6 ? shortestReplacement(bytes) : undefined
        if (whole !== undefined) result += whole
        else for (const character of segment) result += shortestReplacement(encoder.encode(character)) ?? character
      }
      return result
    },
  }
}

/** Bytes of the character at `at`, or 0 when the bytes there are not one. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  for (let index = 1; index < length; index++) if ((bytes[at + index] ?? 0) >> 6 !== 2) return 0
  return length
}
