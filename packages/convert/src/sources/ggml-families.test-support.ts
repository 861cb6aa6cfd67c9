// The families of before GGUF as tiny models: each with its configuration and shapes in Hugging Face's words, and every tensor's name and layout in
// a ggml file, worked out here apart from the dialects that are held against it.
import type { Checkpoint, GgmlType, Json } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { type GgmlModelId, layoutGgml } from '@fs/formats/ggml'
import { opened } from './converted.test-support.ts'
import { countingNumbers, folderCheckpoint, type Stored, stored, text } from './in-memory.test-support.ts'

const HIDDEN = 8
const HEADS = 2
const WIDTH = 12
/** Every byte and a few more, as GPT-2 has them. */
export const TOKENS = [...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)), text('he'), text(' t'), text('<|endoftext|>')]
export const ROWS = TOKENS.length

export type Matrix = { readonly shape: readonly number[]; readonly values: Float32Array }
export type Family = {
  readonly model: GgmlModelId
  readonly hyperparameters: { readonly [name: string]: number }
  readonly config: { readonly [key: string]: Json }
  /** Shapes by Hugging Face's names. */
  readonly shapes: { readonly [name: string]: readonly number[] }
  /** Name and layout in a ggml file. */
  readonly stored: (name: string, matrix: Matrix) => readonly [string, Matrix]
}

const transposed = ({ shape, values }: Matrix): Matrix => {
  const [rows, columns] = [shape[0]!, shape[1]!]
  const swapped = values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)]!)
  return { shape: [columns, rows], values: swapped }
}

/** A matrix or vector whose row r is row `from(r)` of another. */
const reordered = ({ shape, values }: Matrix, from: (row: number) => number): Matrix => {
  const length = values.length / shape[0]!
  return { shape, values: values.map((_, index) => values[from(Math.floor(index / length)) * length + (index % length)]!) }
}

const norm = (name: string) => ({ [`${name}.weight`]: [HIDDEN], [`${name}.bias`]: [HIDDEN] })
const linear = (name: string, outputs: number, inputs: number) => ({ [`${name}.weight`]: [outputs, inputs], [`${name}.bias`]: [outputs] })

export const FAMILIES: readonly Family[] = [
  {
    model: 'gpt2',
    hyperparameters: { n_vocab: ROWS, n_ctx: 16, n_embd: HIDDEN, n_head: HEADS, n_layer: 1, ftype: 0 },
    config: { architectures: ['GPT2LMHeadModel'], n_embd: HIDDEN, n_head: HEADS, n_layer: 1, n_positions: 16, n_ctx: 16 },
    shapes: {
      'transformer.wte.weight': [ROWS, HIDDEN],
      'transformer.wpe.weight': [16, HIDDEN],
      ...norm('transformer.h.0.ln_1'),
      'transformer.h.0.attn.c_attn.weight': [HIDDEN, 3 * HIDDEN],
      'transformer.h.0.attn.c_attn.bias': [3 * HIDDEN],
      'transformer.h.0.attn.c_proj.weight': [HIDDEN, HIDDEN],
      'transformer.h.0.attn.c_proj.bias': [HIDDEN],
      ...norm('transformer.h.0.ln_2'),
      'transformer.h.0.mlp.c_fc.weight': [HIDDEN, 4 * HIDDEN],
      'transformer.h.0.mlp.c_fc.bias': [4 * HIDDEN],
      'transformer.h.0.mlp.c_proj.weight': [4 * HIDDEN, HIDDEN],
      'transformer.h.0.mlp.c_proj.bias': [HIDDEN],
      ...norm('transformer.ln_f'),
    },
    stored: (name, matrix) => {
      const path = name.replace('transformer.h.0.', 'model/h0/').replace('transformer.', 'model/').replaceAll('.', '/')
      const isNorm = /ln_[12f]/.test(name)
      const short = path
        .replace(/(wte|wpe)\/weight$/, '$1')
        .replace(/\/weight$/, isNorm ? '/g' : '/w')
        .replace(/\/bias$/, '/b')
      return [short, /c_\w+\.weight$/.test(name) ? transposed(matrix) : matrix]
    },
  },
  {
    model: 'gptneox',
    hyperparameters: { n_vocab: ROWS, n_ctx: 16, n_embd: HIDDEN, n_head: HEADS, n_layer: 1, n_rot: 2, use_parallel_residual: 1, ftype: 0 },
    config: {
      architectures: ['GPTNeoXForCausalLM'],
      hidden_size: HIDDEN,
      intermediate_size: WIDTH,
      num_attention_heads: HEADS,
      num_hidden_layers: 1,
      max_position_embeddings: 16,
      rotary_pct: 0.5,
      layer_norm_eps: 1e-5,
    },
    shapes: {
      'gpt_neox.embed_in.weight': [ROWS, HIDDEN],
      ...norm('gpt_neox.layers.0.input_layernorm'),
      ...norm('gpt_neox.layers.0.post_attention_layernorm'),
      ...linear('gpt_neox.layers.0.attention.query_key_value', 3 * HIDDEN, HIDDEN),
      ...linear('gpt_neox.layers.0.attention.dense', HIDDEN, HIDDEN),
      ...linear('gpt_neox.layers.0.mlp.dense_h_to_4h', WIDTH, HIDDEN),
      ...linear('gpt_neox.layers.0.mlp.dense_4h_to_h', HIDDEN, WIDTH),
      ...norm('gpt_neox.final_layer_norm'),
      'embed_out.weight': [ROWS, HIDDEN],
    },
    stored: (name, matrix) => [name, matrix],
  },
  {
    model: 'gptj',
    hyperparameters: { n_vocab: ROWS, n_ctx: 16, n_embd: HIDDEN, n_head: HEADS, n_layer: 1, n_rot: 2, ftype: 0 },
    config: {
      architectures: ['GPTJForCausalLM'],
      n_embd: HIDDEN,
      n_inner: WIDTH,
      n_head: HEADS,
      n_layer: 1,
      n_positions: 16,
      rotary_dim: 2,
    },
    shapes: {
      'transformer.wte.weight': [ROWS, HIDDEN],
      ...norm('transformer.h.0.ln_1'),
      ...Object.fromEntries(['q', 'k', 'v', 'out'].map((part) => [`transformer.h.0.attn.${part}_proj.weight`, [HIDDEN, HIDDEN]])),
      ...linear('transformer.h.0.mlp.fc_in', WIDTH, HIDDEN),
      ...linear('transformer.h.0.mlp.fc_out', HIDDEN, WIDTH),
      ...norm('transformer.ln_f'),
      ...linear('lm_head', ROWS, HIDDEN),
    },
    stored: (name, matrix) => [name, matrix],
  },
  {
    model: 'mpt',
    hyperparameters: {
      d_model: HIDDEN,
      max_seq_len: 16,
      n_head: HEADS,
      n_layer: 1,
      n_vocab: ROWS,
      alibi_bias_max: 8,
      clip_qkv: 6,
      ftype: 0,
    },
    config: {
      architectures: ['MPTForCausalLM'],
      d_model: HIDDEN,
      max_seq_len: 16,
      n_heads: HEADS,
      n_layers: 1,
      attn_config: { alibi: true, alibi_bias_max: 8, clip_qkv: 6 },
    },
    shapes: {
      'transformer.wte.weight': [ROWS, HIDDEN],
      'transformer.blocks.0.norm_1.weight': [HIDDEN],
      'transformer.blocks.0.attn.Wqkv.weight': [3 * HIDDEN, HIDDEN],
      'transformer.blocks.0.attn.out_proj.weight': [HIDDEN, HIDDEN],
      'transformer.blocks.0.norm_2.weight': [HIDDEN],
      'transformer.blocks.0.ffn.up_proj.weight': [4 * HIDDEN, HIDDEN],
      'transformer.blocks.0.ffn.down_proj.weight': [HIDDEN, 4 * HIDDEN],
      'transformer.norm_f.weight': [HIDDEN],
    },
    stored: (name, matrix) => [name, matrix],
  },
  {
    model: 'bloom',
    hyperparameters: { n_vocab: ROWS, n_embd: HIDDEN, n_mult: 1, n_head: HEADS, n_layer: 1, ftype: 0 },
    config: { architectures: ['BloomForCausalLM'], hidden_size: HIDDEN, n_head: HEADS, n_layer: 1 },
    shapes: {
      'word_embeddings.weight': [ROWS, HIDDEN],
      ...norm('word_embeddings_layernorm'),
      ...norm('h.0.input_layernorm'),
      ...linear('h.0.self_attention.query_key_value', 3 * HIDDEN, HIDDEN),
      ...linear('h.0.self_attention.dense', HIDDEN, HIDDEN),
      ...norm('h.0.post_attention_layernorm'),
      ...linear('h.0.mlp.dense_h_to_4h', 4 * HIDDEN, HIDDEN),
      ...linear('h.0.mlp.dense_4h_to_h', HIDDEN, 4 * HIDDEN),
      ...norm('ln_f'),
    },
    stored: (name, matrix) => {
      const renamed = [
        ['word_embeddings_layernorm', 'norm'],
        ['word_embeddings', 'tok_embeddings'],
        ['h.0.', 'layers.0.'],
        ['input_layernorm', 'attention_norm'],
        ['self_attention.dense', 'attention.wo'],
        ['self_attention', 'attention'],
        ['post_attention_layernorm', 'ffn_norm'],
        ['mlp.dense_h_to_4h', 'feed_forward.w1'],
        ['mlp.dense_4h_to_h', 'feed_forward.w2'],
        ['ln_f', 'output_norm'],
      ].reduce((current, [from, to]) => current.replace(from!, to!), name)
      // Rows (head, part, dimension) become (part, head, dimension).
      const size = HIDDEN / HEADS
      const from = (row: number) => {
        const [part, head] = [Math.floor(row / HIDDEN), Math.floor((row % HIDDEN) / size)]
        return (head * 3 + part) * size + (row % size)
      }
      return [renamed, name.includes('query_key_value') ? reordered(matrix, from) : matrix]
    },
  },
]

export const matricesOf = ({ shapes }: Family): readonly (readonly [string, Matrix])[] =>
  Object.entries(shapes).map(([name, shape], index) => {
    return [
      name,
      {
        shape,
        values: countingNumbers(
          shape.reduce((product, size) => product * size, 1),
          index,
        ),
      },
    ]
  })

export type GgmlOptions = {
  readonly container?: 'ggml' | 'ggjt'
  readonly tokens?: readonly Uint8Array[]
  readonly scores?: Float32Array
  readonly files?: { readonly [name: string]: Uint8Array }
  readonly encode?: (name: string, matrix: Matrix) => readonly [GgmlType, Uint8Array]
}

export const asF32 = (_name: string, { values }: Matrix) => ['F32', new Uint8Array(values.buffer)] as const

/** A ggml file in a folder. */
export async function ggmlCheckpoint(
  model: GgmlModelId,
  hyperparameters: { readonly [name: string]: number },
  matrices: readonly (readonly [string, Matrix])[],
  { container = 'ggml', tokens = TOKENS, scores, files = {}, encode = asF32 }: GgmlOptions = {},
): Promise<Checkpoint> {
  const encoded = matrices.map(([name, matrix]) => [name, matrix.shape, ...encode(name, matrix)] as const)
  const layout = layoutGgml({
    container: container === 'ggml' ? { kind: 'ggml' } : { kind: 'ggjt', version: 3 },
    model,
    hyperparameters: new Map(Object.entries(hyperparameters)),
    vocabulary: scores === undefined ? { tokens } : { tokens, scores },
    tensors: encoded.map(([name, shape, type]) => ({ name, type, shape })),
  })
  const file = new Uint8Array(layout.size)
  for (const { offset, bytes } of layout.pieces) file.set(bytes, offset)
  for (const { name, offset } of layout.tensors) file.set(encoded.find(([encodedName]) => encodedName === name)![3], offset)
  return openCheckpoint(fileFolder('old', new Map(Object.entries({ 'ggml-model.bin': file, ...files }))))
}

export const ggmlOf = (family: Family, options?: GgmlOptions) =>
  ggmlCheckpoint(
    family.model,
    family.hyperparameters,
    matricesOf(family).map(([name, matrix]) => family.stored(name, matrix)),
    options,
  )

/** The same in Hugging Face's form, with the tokenizer the old file implied. */
export async function huggingFaceOf(family: Family): Promise<Checkpoint> {
  const tensors: { [name: string]: Stored } = {}
  for (const [name, { shape, values }] of matricesOf(family)) tensors[name] = stored('F32', shape, values)
  const { checkpoint } = await opened(await ggmlOf(family))
  const tokenizer = await checkpoint.folder.open('tokenizer.json')
  const ids = { bos_token_id: ROWS - 1, eos_token_id: ROWS - 1 }
  return folderCheckpoint({ ...family.config, ...ids }, tensors, { 'tokenizer.json': await tokenizer.read(0, tokenizer.size) })
}
