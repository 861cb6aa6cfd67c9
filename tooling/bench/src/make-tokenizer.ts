// A made-up vocabulary of a given size, in the form of Llama 3's: byte-level BPE, its split pattern, 256 special tokens.
// It is a real tokenizer (every text encodes and decodes), with merges by rule where a real one has learned them.

/** GPT-2's `bytes_to_unicode`: the characters that stand for the 256 bytes in a byte-level vocabulary, in its order. */
function byteCharacters(): readonly string[] {
  const isPrintable = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const printable = bytes.filter(isPrintable).map((byte) => String.fromCodePoint(byte))
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, index) => String.fromCodePoint(256 + index))
  return [...printable, ...others]
}

/** The pattern in the tokenizer.json of Llama 3. */
const splitPattern =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"

const specialCount = 256
const namedSpecials: { readonly [offset: number]: string } = { 0: '<|begin_of_text|>', 1: '<|end_of_text|>', 9: '<|eot_id|>' }

/** The files of a tokenizer with `size` tokens, by name. */
export function madeUpTokenizer(size: number): { readonly [file: string]: object } {
  const characters = byteCharacters()
  const tokens = [...characters]
  const merges: [string, string][] = []
  const plainCount = size - specialCount
  // Every pair of bytes, then every pair followed by a byte, until there are enough.
  for (let left = 0; tokens.length < plainCount; left += 1) {
    for (const right of characters.slice(0, plainCount - tokens.length)) {
      const first = tokens[left] ?? ''
      merges.push([first, right])
      tokens.push(first + right)
    }
  }
  const specials = Array.from({ length: specialCount }, (_, offset) => ({
    id: plainCount + offset,
    content: namedSpecials[offset] ?? `<|reserved_special_token_${offset}|>`,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
  return {
    'tokenizer.json': {
      version: '1.0',
      added_tokens: specials,
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: splitPattern }, behavior: 'Isolated', invert: false },
          { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
        ],
      },
      post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true },
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        ignore_merges: true,
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        merges,
      },
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: namedSpecials[0],
      eos_token: namedSpecials[1],
      model_max_length: 131072,
      clean_up_tokenization_spaces: true,
    },
  }
}
