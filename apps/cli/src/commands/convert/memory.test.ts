// Peak memory of a conversion with the check at its end, from sources, of a checkpoint whose tokenizer is as large as Llama 3's.
// The weights are one value throughout: what they are made of takes no memory, and large models are measured by docs/benchmarks.md.
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { expect, test } from 'vitest'
import { peakMemory } from '../../test-support/peak-memory.test-support.ts'
import { EXAMPLE, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const WIDTH = 256
const INNER = 1024

type Tokenizer = { readonly model: { readonly vocab: { readonly [token: string]: number }; readonly merges: unknown } }

/** Every two of 64 characters, and every three of which the last is one of 30: 127 thousand tokens, and two merges for each of three. */
function largeTokenizer(): { readonly text: string; readonly rows: number } {
  const example = JSON.parse(readFileSync(join(EXAMPLE, 'tokenizer.json'), 'utf8')) as Tokenizer
  const bytes = Object.keys(example.model.vocab).filter((token) => token.length === 1)
  const letters = bytes.slice(32, 96)
  const tokens = new Set(bytes)
  const pairs: [string, string][] = []
  const merge = (left: string, right: string) => {
    tokens.add(left + right)
    pairs.push([left, right])
  }
  for (const first of letters) for (const second of letters) merge(first, second)
  for (const first of letters)
    for (const second of letters)
      for (const third of letters.slice(0, 30)) {
        merge(first + second, third)
        merge(first, second + third)
      }
  const model = { ...example.model, vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])), merges: pairs }
  return { text: JSON.stringify({ ...example, added_tokens: [], post_processor: null, model }, null, 2), rows: tokens.size }
}

function writeModel(path: string): void {
  mkdirSync(path)
  const { text, rows } = largeTokenizer()
  expect(text.length).toBeGreaterThan(12e6)
  writeFileSync(join(path, 'tokenizer.json'), text)
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: WIDTH,
    intermediate_size: INNER,
    num_hidden_layers: 8,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    vocab_size: rows,
    max_position_embeddings: 1024,
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    tie_word_embeddings: true,
  }
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  const shapes: (readonly [string, readonly number[]])[] = [
    ['embed_tokens', [rows, WIDTH]],
    ['norm', [WIDTH]],
  ]
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) shapes.push([`layers.${layer}.self_attn.${name}`, [WIDTH, WIDTH]])
    for (const name of ['gate_proj', 'up_proj']) shapes.push([`layers.${layer}.mlp.${name}`, [INNER, WIDTH]])
    shapes.push([`layers.${layer}.mlp.down_proj`, [WIDTH, INNER]])
    for (const name of ['input_layernorm', 'post_attention_layernorm']) shapes.push([`layers.${layer}.${name}`, [WIDTH]])
  }
  const layout = layoutSafetensors({ tensors: shapes.map(([name, shape]) => ({ name: `model.${name}.weight`, dtype: 'BF16', shape })) })
  const file = openSync(join(path, 'model.safetensors'), 'w')
  writeSync(file, layout.header)
  for (const { offset, byteLength } of layout.tensors) writeSync(file, new Uint8Array(byteLength).fill(0x3c), 0, byteLength, offset)
  closeSync(file)
}

test.skipIf(process.platform !== 'linux')('a tokenizer of 127 thousand tokens leaves a conversion and its check under 285 MB', async () => {
  writeModel(folder.file('model'))
  const convert = (output: string, ...more: readonly string[]) =>
    peakMemory(['convert', 'model', '--quant', 'q8_0', '--threads', '2', '--quiet', '-o', output, ...more], folder.path)
  // Keeps the compiled modules: taking types off in each thread is no part of what people run.
  await convert('first.gguf')
  expect(await convert('checked.gguf')).toBeLessThan(285e6)
  expect(await convert('unchecked.gguf', '--no-verify')).toBeLessThan(285e6)
})
