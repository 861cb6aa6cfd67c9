// Turns tiktoken's form of a tokenizer (Meta's Llama 3 `tokenizer.model`: a line for each token, base64 and rank) into a tokenizer.json.
// Merges are not in that form and are recovered in `ranked.ts`.
import { fail } from '../errors.ts'
import { MOST_TOKENS } from '../limits.ts'
import { BYTE_CHARACTERS } from '../text/byte-alphabet.ts'
import { jsonFromRankedTokens } from './ranked.ts'

const LINE = /^([A-Za-z0-9+/]+={0,2}) (\d+)$/

/** True when the bytes begin with a line of base64 and a number, as no protobuf does. */
export function isTiktokenModel(bytes: Uint8Array): boolean {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1024))
  return LINE.test(start.split('\n', 1)[0]!.trimEnd())
}

/** Llama 3's split (`llama3/tokenizer.py` of meta-llama/llama3), in Oniguruma's spelling. */
const LLAMA3_PATTERN = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`

const RESERVED = 256

/** The 256 tokens after Llama 3's ranks: named ones as in Llama 3.1 and later, the others reserved. */
export function llama3SpecialTokens(): readonly string[] {
  const named = new Map([
    [0, '<|begin_of_text|>'],
    [1, '<|end_of_text|>'],
    [4, '<|finetune_right_pad_id|>'],
    [6, '<|start_header_id|>'],
    [7, '<|end_header_id|>'],
    [8, '<|eom_id|>'],
    [9, '<|eot_id|>'],
    [10, '<|python_tag|>'],
  ])
  let reserved = 0
  return Array.from({ length: RESERVED }, (_, index) => named.get(index) ?? `<|reserved_special_token_${reserved++}|>`)
}

/** Tokens in the byte alphabet, by rank; ranks must be 0, 1, 2 … each once. */
function readRanks(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n')
  const tokens: string[] = []
  const rankOf = new Map<string, number>()
  lines.forEach((line, index) => {
    const text = line.trimEnd()
    if (text === '' && index === lines.length - 1) return
    const found = LINE.exec(text)
    const rank = Number(found?.[2])
    if (found === null || !(rank < MOST_TOKENS)) {
      throw fail('tokenizer/malformed', `tokenizer.model: line ${index + 1} should be a token in base64 and its rank`, { line: index + 1 })
    }
    const token = Array.from(atob(found[1]!), (byte) => BYTE_CHARACTERS[byte.charCodeAt(0)]).join('')
    if (tokens[rank] !== undefined)
      throw fail('tokenizer/duplicate-id', `tokenizer.model: line ${index + 1} has the rank ${rank} again`, { rank })
    if (rankOf.has(token))
      throw fail('tokenizer/duplicate-token', `tokenizer.model: line ${index + 1} has the token of rank ${rankOf.get(token)} again`, {
        rank,
      })
    tokens[rank] = token
    rankOf.set(token, rank)
  })
  for (let rank = 0; rank < tokens.length; rank++) {
    if (tokens[rank] === undefined) throw fail('tokenizer/malformed', `tokenizer.model: no token has the rank ${rank}`, { rank })
  }
  return tokens
}

/**
 * @param specialTokens the tokens after the last rank, in order.
 * @throws FsError when a line is not a token and its rank, or a rank is missing or repeated.
 */
export function jsonFromTiktoken(bytes: Uint8Array, specialTokens: readonly string[] = llama3SpecialTokens()): string {
  const tokens = readRanks(bytes)
  return jsonFromRankedTokens({
    tokens,
    special: specialTokens.map((content, index) => ({ id: tokens.length + index, content })),
    bos: '<|begin_of_text|>',
    split: LLAMA3_PATTERN,
    ignoreMerges: true,
  })
}
