// Every value of `tokenizer.ggml.pre` that llama.cpp knows, with what it does under that name.
// Source: `llama_vocab::impl::load` (src/llama-vocab.cpp, v0.5.0); how each splitter cuts is in `splitters.ts`.
import type { SplitterName } from './splitters.ts'

export type PreTokenizer = {
  readonly splitter: SplitterName
  /** A word that is a token as a whole takes that token, whatever the merges say. */
  readonly ignoreMerges?: true
  /** llama.cpp puts bos before a text unless the file says otherwise. */
  readonly addBos?: true
  /** Words are text with `▁` for spaces and `<0x0A>` for missing bytes, as in SentencePiece, instead of bytes. */
  readonly spaced?: true
}

const gpt2 = { splitter: 'gpt2' } as const
const llama3 = { splitter: 'llama3', ignoreMerges: true, addBos: true } as const
const qwen2 = { splitter: 'qwen2' } as const
const digits = { splitter: 'digitsGpt2' } as const
const gpt4o = { splitter: 'gpt4o' } as const
const deepseekV3 = { splitter: 'deepseekV3' } as const
const bailing = { splitter: 'bailing' } as const

/** Of names that do the same, the first is the one to write when nothing says otherwise. */
export const PRE_TOKENIZERS = {
  'gpt-2': gpt2,
  'phi-2': gpt2,
  olmo: gpt2,
  mpt: gpt2,
  jais: gpt2,
  trillion: gpt2,
  exaone4: gpt2,
  mellum: gpt2,
  gigachat: gpt2,
  'granite-docling': gpt2,
  'a.x-4.0': gpt2,
  'modern-bert': gpt2,
  'roberta-bpe': gpt2,
  'jina-es': gpt2,
  'jina-de': gpt2,
  'jina-v1-en': gpt2,
  'jina-v2-es': gpt2,
  'jina-v2-de': gpt2,
  'jina-v2-code': gpt2,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  falcon3: llama3,
  'falcon-h1': llama3,
  pixtral: llama3,
  lfm2: llama3,
  'midm-2.0': llama3,
  'jina-v5-nano': llama3,
  dbrx: { splitter: 'llama3' },
  'smaug-bpe': { splitter: 'llama3' },
  glm4: { splitter: 'llama3' },
  'chatglm-bpe': { splitter: 'llama3' },
  qwen2,
  'deepseek-r1-qwen': qwen2,
  stablelm2: qwen2,
  hunyuan: qwen2,
  megrez: qwen2,
  'grok-2': qwen2,
  kormo: qwen2,
  f2llmv2: qwen2,
  'solar-open': qwen2,
  qwen35: { splitter: 'qwen35' },
  ufakzeka: { splitter: 'ufakzeka' },
  'seed-coder': { splitter: 'seedCoder' },
  bailingmoe: bailing,
  bailingmoe2: bailing,
  'llada-moe': bailing,
  'exaone-moe': { splitter: 'exaoneMoe' },
  'jais-2': { splitter: 'jais2' },
  minicpm5: { splitter: 'minicpm5', ignoreMerges: true },
  laguna: { splitter: 'laguna' },
  tekken: { splitter: 'tekken', ignoreMerges: true, addBos: true },
  'gpt-4o': gpt4o,
  llama4: gpt4o,
  kanana2: gpt4o,
  talkie: gpt4o,
  'minimax-m2': gpt4o,
  'granite-embed-multi-97m': { splitter: 'graniteMultilingual', ignoreMerges: true },
  tiny_aya: { splitter: 'tinyAya' },
  cohere2moe: { splitter: 'tinyAya' },
  youtu: { splitter: 'youtu', ignoreMerges: true },
  'kimi-k2': { splitter: 'kimiK2' },
  starcoder: digits,
  smollm: digits,
  refact: digits,
  'command-r': digits,
  codeshell: digits,
  exaone: digits,
  'minerva-7b': digits,
  mellum2: digits,
  falcon: { splitter: 'falcon' },
  chameleon: { splitter: 'chameleon', addBos: true },
  bloom: { splitter: 'bloom' },
  'poro-chat': { splitter: 'bloom' },
  'gpt3-finnish': { splitter: 'bloom' },
  viking: { splitter: 'viking' },
  superbpe: { splitter: 'superBpe' },
  'deepseek-llm': { splitter: 'deepseekLlm' },
  'deepseek-coder': { splitter: 'deepseekCoder' },
  'deepseek-v3': deepseekV3,
  'hunyuan-dense': deepseekV3,
  'joyai-llm': deepseekV3,
  hy_v4: deepseekV3,
  spark2_5: { splitter: 'spark25' },
  afmoe: { splitter: 'afmoe' },
  gemma4: { splitter: 'newlines', addBos: true, spaced: true },
  'granite-embed-multi-311m': { splitter: 'newlines', addBos: true, spaced: true },
  'sarvam-moe': { splitter: 'newlines', spaced: true },
  default: { splitter: 'default' },
} as const satisfies { readonly [name: string]: PreTokenizer }

export type PreTokenizerName = keyof typeof PRE_TOKENIZERS

export function isPreTokenizerName(name: string): name is PreTokenizerName {
  return Object.hasOwn(PRE_TOKENIZERS, name)
}
