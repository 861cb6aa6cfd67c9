// Two tiny models in memory, a Llama and a GPT-2, with a tokenizer of a few letters: enough to be written as folders and read again.
import type { Checkpoint, Json } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { plainRowCodec } from '@fs/quant'
import { executeInline } from '../execute/execute-inline.ts'
import type { OpenedModel } from '../open-model.ts'
import type { FolderPlan } from '../plan/plan-folder.ts'
import { countingNumbers, folderCheckpoint, json, type Stored, stored, text } from '../sources/in-memory.test-support.ts'

const HIDDEN = 8
const VOCABULARY = { '<unk>': 0, '<s>': 1, '</s>': 2, a: 3, b: 4, ab: 5 } as const
const ROWS = Object.keys(VOCABULARY).length

const special = (content: keyof typeof VOCABULARY) => ({
  id: VOCABULARY[content],
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
})

export const TOKENIZER_JSON = json({
  version: '1.0',
  added_tokens: [special('<unk>'), special('<s>'), special('</s>')],
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: null,
  model: { type: 'BPE', unk_token: '<unk>', vocab: VOCABULARY, merges: [['a', 'b']] },
})

const TOKENIZER_CONFIG = json({ bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>', tokenizer_class: 'PreTrainedTokenizerFast' })

type Files = { readonly [name: string]: Uint8Array }

/** Float32 tensors of these shapes, other numbers in each. */
function weights(shapes: { readonly [name: string]: readonly number[] }): { readonly [name: string]: Stored } {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], seed) => {
      const length = shape.reduce((product, size) => product * size, 1)
      return [name, stored('F32', shape, countingNumbers(length, seed))]
    }),
  )
}

/** @param more shapes of tensors besides those every Llama has */
export function tinyLlama(
  files: Files = {},
  config: { readonly [key: string]: Json } = {},
  more: { readonly [name: string]: readonly number[] } = {},
): Promise<Checkpoint> {
  const layer = 'model.layers.0'
  const shapes = {
    'model.embed_tokens.weight': [ROWS, HIDDEN],
    [`${layer}.input_layernorm.weight`]: [HIDDEN],
    ...Object.fromEntries(['q', 'k', 'v', 'o'].map((part) => [`${layer}.self_attn.${part}_proj.weight`, [HIDDEN, HIDDEN]])),
    [`${layer}.post_attention_layernorm.weight`]: [HIDDEN],
    [`${layer}.mlp.gate_proj.weight`]: [16, HIDDEN],
    [`${layer}.mlp.up_proj.weight`]: [16, HIDDEN],
    [`${layer}.mlp.down_proj.weight`]: [HIDDEN, 16],
    'model.norm.weight': [HIDDEN],
    ...more,
  }
  const all = {
    architectures: ['LlamaForCausalLM'],
    ...{ hidden_size: HIDDEN, intermediate_size: 16, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64 },
    ...config,
  }
  return folderCheckpoint(all, weights(shapes), { 'tokenizer.json': TOKENIZER_JSON, 'tokenizer_config.json': TOKENIZER_CONFIG, ...files })
}

export function tinyGpt2(files: Files = {}): Promise<Checkpoint> {
  const layer = 'transformer.h.0'
  const norm = (name: string) => ({ [`${name}.weight`]: [HIDDEN], [`${name}.bias`]: [HIDDEN] })
  const shapes = {
    'transformer.wte.weight': [ROWS, HIDDEN],
    'transformer.wpe.weight': [16, HIDDEN],
    ...norm(`${layer}.ln_1`),
    [`${layer}.attn.c_attn.weight`]: [HIDDEN, 3 * HIDDEN],
    [`${layer}.attn.c_attn.bias`]: [3 * HIDDEN],
    [`${layer}.attn.c_proj.weight`]: [HIDDEN, HIDDEN],
    [`${layer}.attn.c_proj.bias`]: [HIDDEN],
    ...norm(`${layer}.ln_2`),
    [`${layer}.mlp.c_fc.weight`]: [HIDDEN, 32],
    [`${layer}.mlp.c_fc.bias`]: [32],
    [`${layer}.mlp.c_proj.weight`]: [32, HIDDEN],
    [`${layer}.mlp.c_proj.bias`]: [HIDDEN],
    ...norm('transformer.ln_f'),
  }
  const config = { architectures: ['GPT2LMHeadModel'], n_embd: HIDDEN, n_head: 2, n_layer: 1, n_positions: 16 }
  return folderCheckpoint(config, weights(shapes), {
    'tokenizer.json': TOKENIZER_JSON,
    'tokenizer_config.json': TOKENIZER_CONFIG,
    ...files,
  })
}

export const places = { precision: 'native', pathFor: (name: string) => name } as const

/** Carries a folder's plan out in memory: contents by file name. */
export async function filesOf(model: OpenedModel, { plan }: Pick<FolderPlan, 'plan'>): Promise<Map<string, Uint8Array>> {
  const outputs = plan.outputs.map(({ size, literals }) => {
    const bytes = new Uint8Array(size)
    for (const literal of literals) bytes.set(literal.bytes, literal.offset)
    return bytes
  })
  const write = async (output: number, offset: number, bytes: Uint8Array) => outputs[output]!.set(bytes, offset)
  await executeInline(plan, model.checkpoint.tensors.files, plainRowCodec(), write)
  return new Map(plan.outputs.map(({ path }, index) => [path, outputs[index]!]))
}

export const openFiles = (files: ReadonlyMap<string, Uint8Array>): Promise<Checkpoint> => openCheckpoint(fileFolder('folder', files))

export const parsed = (files: ReadonlyMap<string, Uint8Array>, name = 'config.json') =>
  JSON.parse(new TextDecoder().decode(files.get(name)))

export { json, text }
