// A checkpoint large enough for a conversion to be caught in the middle: random weights in the shape of a small Llama, 61 MB.
import { copyFileSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { EXAMPLE } from './terminal.test-support.ts'

const LAYERS = 7
const WIDTH = 512
const INNER = 2048
const VOCABULARY = 1024

const SHAPES: readonly (readonly [name: string, shape: readonly number[]])[] = [
  ['model.embed_tokens.weight', [VOCABULARY, WIDTH]],
  ['model.norm.weight', [WIDTH]],
  ...Array.from({ length: LAYERS }, (_, layer) =>
    (
      [
        ['self_attn.q_proj', [WIDTH, WIDTH]],
        ['self_attn.k_proj', [WIDTH, WIDTH]],
        ['self_attn.v_proj', [WIDTH, WIDTH]],
        ['self_attn.o_proj', [WIDTH, WIDTH]],
        ['mlp.gate_proj', [INNER, WIDTH]],
        ['mlp.up_proj', [INNER, WIDTH]],
        ['mlp.down_proj', [WIDTH, INNER]],
        ['input_layernorm', [WIDTH]],
        ['post_attention_layernorm', [WIDTH]],
      ] as const
    ).map(([name, shape]) => [`model.layers.${layer}.${name}.weight`, shape] as const),
  ).flat(),
]

/** Writes it into `path`. The values are bfloat16 of ordinary size, the same each time. */
export function writeLargeCheckpoint(path: string): void {
  mkdirSync(path, { recursive: true })
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) copyFileSync(join(EXAMPLE, name), join(path, name))
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: WIDTH,
      intermediate_size: INNER,
      num_hidden_layers: LAYERS,
      num_attention_heads: 8,
      num_key_value_heads: 8,
      vocab_size: VOCABULARY,
      max_position_embeddings: 1024,
      rms_norm_eps: 1e-6,
      rope_theta: 10000,
      bos_token_id: 1019,
      eos_token_id: 1023,
      tie_word_embeddings: true,
    }),
  )
  const layout = layoutSafetensors({ tensors: SHAPES.map(([name, shape]) => ({ name, dtype: 'BF16', shape })) })
  const file = openSync(join(path, 'model.safetensors'), 'w')
  writeSync(file, layout.header)
  let state = 1
  for (const { offset, byteLength } of layout.tensors) {
    const values = new Uint16Array(byteLength / 2)
    for (let index = 0; index < values.length; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      // Sign and mantissa from the generator, exponents of 2^-7 to 2^-4.
      values[index] = ((state >>> 16) & 0x807f) | ((0x78 + ((state >>> 13) & 3)) << 7)
    }
    writeSync(file, new Uint8Array(values.buffer), 0, byteLength, offset)
  }
}
