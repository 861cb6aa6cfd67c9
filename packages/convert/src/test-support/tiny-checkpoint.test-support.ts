// A whole Hugging Face checkpoint of a few kilobytes, made in memory: a Llama of two layers with a byte-pair vocabulary.
// Its numbers are small integers, so that every plain type holds them exactly.
import type { Checkpoint, JsonObject } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { layoutSafetensors } from '@fs/formats/safetensors'

const HIDDEN = 32
const WIDTH = 64
const TOKENS = ['<s>', '</s>', 'a', 'b', 'c', 'd', 'ab', 'cd'] as const

export const TINY_CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: HIDDEN,
  intermediate_size: WIDTH,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  vocab_size: TOKENS.length,
} as const

const TOKENIZER = {
  version: '1.0',
  added_tokens: [0, 1].map((id) => ({ id, content: TOKENS[id], special: true, lstrip: false, rstrip: false, normalized: false })),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(TOKENS.map((token, id) => [token, id])),
    merges: ['a b', 'c d'],
  },
}

/** Names and shapes as transformers stores them; head and embedding are one. */
export function tinyTensors(): Map<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>([['model.embed_tokens.weight', [TOKENS.length, HIDDEN]]])
  for (const layer of [0, 1]) {
    const prefix = `model.layers.${layer}`
    tensors.set(`${prefix}.input_layernorm.weight`, [HIDDEN])
    for (const [name, rows] of Object.entries({ q: HIDDEN, k: HIDDEN / 2, v: HIDDEN / 2, o: HIDDEN }))
      tensors.set(`${prefix}.self_attn.${name}_proj.weight`, [rows, HIDDEN])
    for (const name of ['gate', 'up']) tensors.set(`${prefix}.mlp.${name}_proj.weight`, [WIDTH, HIDDEN])
    tensors.set(`${prefix}.mlp.down_proj.weight`, [HIDDEN, WIDTH])
    tensors.set(`${prefix}.post_attention_layernorm.weight`, [HIDDEN])
  }
  return tensors.set('model.norm.weight', [HIDDEN])
}

/** Element `index` of every tensor of the checkpoint. */
export const tinyValue = (index: number): number => (index % 251) - 125

const json = (value: JsonObject | object) => new TextEncoder().encode(JSON.stringify(value))

/** Changes to the files of a checkpoint: other bytes, or none for a file to be left out. */
export type FileChanges = { readonly [name: string]: Uint8Array | undefined }

/** The files of the checkpoint. */
export function tinyFiles(config: JsonObject = TINY_CONFIG, shapes: ReadonlyMap<string, readonly number[]> = tinyTensors()) {
  const { header, size, tensors } = layoutSafetensors({ tensors: [...shapes].map(([name, shape]) => ({ name, dtype: 'F32', shape })) })
  const weights = new Uint8Array(size)
  weights.set(header)
  for (const { offset, byteLength } of tensors) {
    const values = Float32Array.from({ length: byteLength / 4 }, (_, index) => tinyValue(index))
    weights.set(new Uint8Array(values.buffer), offset)
  }
  return new Map([
    ['config.json', json(config)],
    ['tokenizer.json', json(TOKENIZER)],
    ['model.safetensors', weights],
  ])
}

/** The checkpoint, opened. It lies in memory, so it may be left open. */
export function tinyCheckpoint(changes: FileChanges = {}, files = tinyFiles()): Promise<Checkpoint> {
  const changed = new Map<string, Uint8Array | undefined>([...files, ...Object.entries(changes)])
  return openCheckpoint(fileFolder('tiny', new Map([...changed].flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])))))
}
