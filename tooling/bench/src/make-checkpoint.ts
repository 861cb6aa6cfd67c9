// Makes a checkpoint in the published shape of a real model: random bfloat16 weights, or none at all in a sparse file.
// Such a model says nothing sensible; it is for measuring time and memory, not quality.
// By hand: node tooling/bench/src/make-checkpoint.ts FOLDER [--shape llama-3.2-1b|llama-3.1-8b] [--sparse] [--tokenizer FOLDER]
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { madeUpTokenizer } from './make-tokenizer.ts'

type Shape = {
  readonly hiddenSize: number
  readonly layers: number
  readonly heads: number
  readonly keyValueHeads: number
  readonly headSize: number
  readonly feedForwardSize: number
  readonly tied: boolean
  readonly ropeFactor: number
}

/** From the config.json of the models of these names on the Hub. */
export const SHAPES = {
  'llama-3.2-1b': {
    hiddenSize: 2048,
    layers: 16,
    heads: 32,
    keyValueHeads: 8,
    headSize: 64,
    feedForwardSize: 8192,
    tied: true,
    ropeFactor: 32,
  },
  'llama-3.1-8b': {
    hiddenSize: 4096,
    layers: 32,
    heads: 32,
    keyValueHeads: 8,
    headSize: 128,
    feedForwardSize: 14336,
    tied: false,
    ropeFactor: 8,
  },
} as const satisfies { readonly [name: string]: Shape }

export type ShapeName = keyof typeof SHAPES

const vocabularySize = 128256

/** `config.json` as published (the spelling of transformers 4). */
function configOf(shape: Shape): object {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_act: 'silu',
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.feedForwardSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    head_dim: shape.headSize,
    vocab_size: vocabularySize,
    max_position_embeddings: 131072,
    rms_norm_eps: 1e-5,
    rope_theta: 500000,
    rope_scaling: {
      factor: shape.ropeFactor,
      high_freq_factor: 4,
      low_freq_factor: 1,
      original_max_position_embeddings: 8192,
      rope_type: 'llama3',
    },
    attention_bias: false,
    mlp_bias: false,
    tie_word_embeddings: shape.tied,
    bos_token_id: 128000,
    eos_token_id: 128001,
    torch_dtype: 'bfloat16',
  }
}

type NamedShape = readonly [name: string, shape: readonly number[]]

function tensorsOf({ hiddenSize, layers, heads, keyValueHeads, headSize, feedForwardSize, tied }: Shape): readonly NamedShape[] {
  const layer = (index: number): readonly NamedShape[] => {
    const at = `model.layers.${index}`
    return [
      [`${at}.input_layernorm.weight`, [hiddenSize]],
      [`${at}.mlp.down_proj.weight`, [hiddenSize, feedForwardSize]],
      [`${at}.mlp.gate_proj.weight`, [feedForwardSize, hiddenSize]],
      [`${at}.mlp.up_proj.weight`, [feedForwardSize, hiddenSize]],
      [`${at}.post_attention_layernorm.weight`, [hiddenSize]],
      [`${at}.self_attn.k_proj.weight`, [keyValueHeads * headSize, hiddenSize]],
      [`${at}.self_attn.o_proj.weight`, [hiddenSize, heads * headSize]],
      [`${at}.self_attn.q_proj.weight`, [heads * headSize, hiddenSize]],
      [`${at}.self_attn.v_proj.weight`, [keyValueHeads * headSize, hiddenSize]],
    ]
  }
  return [
    ['model.embed_tokens.weight', [vocabularySize, hiddenSize]],
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    ['model.norm.weight', [hiddenSize]],
    ...(tied ? [] : [['lm_head.weight', [vocabularySize, hiddenSize]] as const]),
  ]
}

/** The header of a safetensors file, with its length in front, padded so that the data starts at a multiple of 8 bytes. */
function safetensorsHeader(tensors: readonly NamedShape[]): { readonly header: Buffer; readonly dataBytes: number } {
  const entries: { [name: string]: object } = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const [name, shape] of tensors) {
    const end = offset + shape.reduce((product, size) => product * size, 2)
    entries[name] = { dtype: 'BF16', shape, data_offsets: [offset, end] }
    offset = end
  }
  const json = JSON.stringify(entries)
  const length = Math.ceil(json.length / 8) * 8
  const header = Buffer.alloc(8 + length, ' ')
  header.writeBigUInt64LE(BigInt(length))
  header.write(json, 8)
  return { header, dataBytes: offset }
}

/** A block of random bfloat16 values, normal with deviation 0.02 (a usual initialization), the same every time. */
function randomWeights(count: number): Buffer {
  let state = 0x2545f491
  const uniform = (): number => {
    // xorshift32 (Marsaglia 2003)
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) + 0.5) / 2 ** 32
  }
  const values = Float32Array.from({ length: count }, () => 0.02 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()))
  const halves = new Uint16Array(values.buffer)
  return Buffer.from(Uint16Array.from({ length: count }, (_, index) => halves[2 * index + 1] ?? 0).buffer)
}

export type CheckpointOptions = {
  readonly shape: ShapeName
  /** Leaves the weights out of a file of full size: all zero, and no disk used where the file system knows holes. */
  readonly sparse: boolean
  /** A folder whose tokenizer files (also as .gz) are taken; a made-up vocabulary otherwise. */
  readonly tokenizer?: string
}

/** Writes the checkpoint into `folder`, unless a complete one is there already. */
export function makeCheckpoint(folder: string, { shape, sparse, tokenizer }: CheckpointOptions): void {
  const { header, dataBytes } = safetensorsHeader(tensorsOf(SHAPES[shape]))
  const path = join(folder, 'model.safetensors')
  if (existsSync(path) && statSync(path).size === header.length + dataBytes) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(configOf(SHAPES[shape]), null, 2))
  writeTokenizer(folder, tokenizer)
  const file = openSync(path, 'w')
  writeSync(file, header)
  if (sparse) ftruncateSync(file, header.length + dataBytes)
  else writeRandom(file, dataBytes)
  closeSync(file)
}

function writeRandom(file: number, bytes: number): void {
  // A length that shares no factor with any row, so that no two rows are alike.
  const block = randomWeights(4 * 2 ** 20 + 7)
  for (let written = 0; written < bytes; ) written += writeSync(file, block, 0, Math.min(block.length, bytes - written))
}

function writeTokenizer(folder: string, source: string | undefined): void {
  if (source === undefined) {
    for (const [name, content] of Object.entries(madeUpTokenizer(vocabularySize)))
      writeFileSync(join(folder, name), JSON.stringify(content))
    return
  }
  for (const name of readdirSync(source).filter((entry) => /^tokenizer(_config)?\.json(\.gz)?$/.test(entry))) {
    const bytes = readFileSync(join(source, name))
    writeFileSync(join(folder, name.replace(/\.gz$/, '')), name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: {
      shape: { type: 'string', default: 'llama-3.2-1b' },
      sparse: { type: 'boolean', default: false },
      tokenizer: { type: 'string' },
    },
    allowPositionals: true,
  })
  const [folder] = positionals
  if (folder === undefined || !Object.hasOwn(SHAPES, values.shape)) {
    console.error(`Usage: make-checkpoint.ts FOLDER [--shape ${Object.keys(SHAPES).join('|')}] [--sparse] [--tokenizer FOLDER]`)
    process.exit(2)
  }
  const { tokenizer } = values
  makeCheckpoint(folder, { shape: values.shape as ShapeName, sparse: values.sparse, ...(tokenizer === undefined ? {} : { tokenizer }) })
  console.log(`${folder} holds a checkpoint in the shape of ${values.shape}`)
}
