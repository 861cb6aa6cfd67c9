// Checkpoints as they were published: the values of their config.json that say anything of the architecture, and the names and shapes of
// their tensors, written down independently of the architectures they are held against.
// Longer than 300 lines because it is a table. Sources: the repositories named; transformers' modeling files for the names.
import type { JsonObject } from '@fs/core'

export type PublishedCheckpoint = {
  readonly id: string
  readonly config: JsonObject
  readonly tensors: ReadonlyMap<string, readonly number[]>
}

type Shapes = { readonly [name: string]: readonly number[] }

function tensors(layers: number, outer: Shapes, layer: (index: number) => Shapes): ReadonlyMap<string, readonly number[]> {
  return new Map([...Object.entries(outer), ...Array.from({ length: layers }, (_, index) => Object.entries(layer(index))).flat()])
}

type LlamaShape = {
  readonly layers: number
  readonly hidden: number
  readonly width: number
  readonly heads: number
  readonly keyHeads: number
  readonly size: number
  readonly vocabulary: number
  readonly extra?: (prefix: string) => Shapes
  readonly head?: true
}

/** Names that Llama, Mistral, Qwen and Gemma share. */
function llamaTensors(shape: LlamaShape): ReadonlyMap<string, readonly number[]> {
  const { layers, hidden, width, heads, keyHeads, size, vocabulary } = shape
  const outer = {
    'model.embed_tokens.weight': [vocabulary, hidden],
    'model.norm.weight': [hidden],
    ...(shape.head ? { 'lm_head.weight': [vocabulary, hidden] } : {}),
  }
  return tensors(layers, outer, (index) => {
    const prefix = `model.layers.${index}`
    return {
      [`${prefix}.input_layernorm.weight`]: [hidden],
      [`${prefix}.self_attn.q_proj.weight`]: [heads * size, hidden],
      [`${prefix}.self_attn.k_proj.weight`]: [keyHeads * size, hidden],
      [`${prefix}.self_attn.v_proj.weight`]: [keyHeads * size, hidden],
      [`${prefix}.self_attn.o_proj.weight`]: [hidden, heads * size],
      [`${prefix}.post_attention_layernorm.weight`]: [hidden],
      [`${prefix}.mlp.gate_proj.weight`]: [width, hidden],
      [`${prefix}.mlp.up_proj.weight`]: [width, hidden],
      [`${prefix}.mlp.down_proj.weight`]: [hidden, width],
      ...shape.extra?.(prefix),
    }
  })
}

/** Mixtral 8x7B: Llama's names but for the feed-forward half, which eight experts share. */
function mixtralTensors(): ReadonlyMap<string, readonly number[]> {
  const shape = { layers: 32, hidden: 4096, width: 14336, heads: 32, keyHeads: 8, size: 128, vocabulary: 32000, head: true } as const
  const extra = (prefix: string) => ({
    [`${prefix}.block_sparse_moe.gate.weight`]: [8, 4096],
    ...Object.fromEntries(
      Array.from({ length: 8 }, (_, expert) => `${prefix}.block_sparse_moe.experts.${expert}`).flatMap((name) => [
        [`${name}.w1.weight`, [14336, 4096]],
        [`${name}.w2.weight`, [4096, 14336]],
        [`${name}.w3.weight`, [14336, 4096]],
      ]),
    ),
  })
  return new Map([...llamaTensors({ ...shape, extra })].filter(([name]) => !name.includes('.mlp.')))
}

const qkvBias = (queryRows: number, keyRows: number) => (prefix: string) => ({
  [`${prefix}.self_attn.q_proj.bias`]: [queryRows],
  [`${prefix}.self_attn.k_proj.bias`]: [keyRows],
  [`${prefix}.self_attn.v_proj.bias`]: [keyRows],
})

const headNorms = (size: number) => (prefix: string) => ({
  [`${prefix}.self_attn.q_norm.weight`]: [size],
  [`${prefix}.self_attn.k_norm.weight`]: [size],
})

const gemmaNorms = (hidden: number) => (prefix: string) => ({
  [`${prefix}.pre_feedforward_layernorm.weight`]: [hidden],
  [`${prefix}.post_feedforward_layernorm.weight`]: [hidden],
})

const dense = (inputs: number, outputs: number): JsonObject => ({
  in_features: inputs,
  out_features: outputs,
  bias: false,
  activation_function: 'torch.nn.modules.linear.Identity',
})

const llama = (values: JsonObject): JsonObject => ({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_act: 'silu',
  ...values,
})
const qwen2 = (values: JsonObject): JsonObject => ({
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  hidden_act: 'silu',
  use_sliding_window: false,
  sliding_window: 131072,
  ...values,
})
const qwen3 = (values: JsonObject): JsonObject => ({
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  hidden_act: 'silu',
  head_dim: 128,
  attention_bias: false,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  rope_scaling: null,
  max_position_embeddings: 40960,
  sliding_window: null,
  use_sliding_window: false,
  vocab_size: 151936,
  tie_word_embeddings: true,
  ...values,
})
const gemma3 = (values: JsonObject): JsonObject => ({
  architectures: ['Gemma3ForCausalLM'],
  model_type: 'gemma3_text',
  head_dim: 256,
  hidden_activation: 'gelu_pytorch_tanh',
  max_position_embeddings: 32768,
  query_pre_attn_scalar: 256,
  rms_norm_eps: 1e-6,
  rope_local_base_freq: 10000,
  rope_scaling: null,
  rope_theta: 1000000,
  sliding_window: 512,
  vocab_size: 262144,
  ...values,
})

const gemma3Text = (shape: Omit<LlamaShape, 'extra' | 'size' | 'vocabulary'>) =>
  llamaTensors({
    ...shape,
    size: 256,
    vocabulary: 262144,
    extra: (prefix) => ({ ...headNorms(256)(prefix), ...gemmaNorms(shape.hidden)(prefix) }),
  })

export const PUBLISHED: readonly PublishedCheckpoint[] = [
  {
    id: 'meta-llama/Llama-3.2-1B-Instruct',
    config: llama({
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 16,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 64,
      max_position_embeddings: 131072,
      rms_norm_eps: 1e-5,
      rope_theta: 500000,
      rope_scaling: { factor: 32, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192, rope_type: 'llama3' },
      tie_word_embeddings: true,
      vocab_size: 128256,
    }),
    tensors: llamaTensors({ layers: 16, hidden: 2048, width: 8192, heads: 32, keyHeads: 8, size: 64, vocabulary: 128256 }),
  },
  {
    id: 'meta-llama/Llama-2-7b-chat-hf',
    config: llama({
      hidden_size: 4096,
      intermediate_size: 11008,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      max_position_embeddings: 4096,
      rms_norm_eps: 1e-5,
      rope_scaling: null,
      tie_word_embeddings: false,
      vocab_size: 32000,
      pretraining_tp: 1,
    }),
    tensors: llamaTensors({
      layers: 32,
      hidden: 4096,
      width: 11008,
      heads: 32,
      keyHeads: 32,
      size: 128,
      vocabulary: 32000,
      head: true,
      extra: (prefix) => ({ [`${prefix}.self_attn.rotary_emb.inv_freq`]: [64] }),
    }),
  },
  {
    id: 'codellama/CodeLlama-7b-hf',
    config: llama({
      hidden_size: 4096,
      intermediate_size: 11008,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      max_position_embeddings: 16384,
      rms_norm_eps: 1e-5,
      rope_theta: 1000000,
      rope_scaling: null,
      tie_word_embeddings: false,
      vocab_size: 32016,
    }),
    tensors: llamaTensors({ layers: 32, hidden: 4096, width: 11008, heads: 32, keyHeads: 32, size: 128, vocabulary: 32016, head: true }),
  },
  {
    id: 'TinyLlama/TinyLlama-1.1B-Chat-v1.0',
    config: llama({
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 22,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      max_position_embeddings: 2048,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      rope_scaling: null,
      tie_word_embeddings: false,
      vocab_size: 32000,
    }),
    tensors: llamaTensors({ layers: 22, hidden: 2048, width: 5632, heads: 32, keyHeads: 4, size: 64, vocabulary: 32000, head: true }),
  },
  {
    id: 'HuggingFaceTB/SmolLM2-1.7B-Instruct',
    config: llama({
      hidden_size: 2048,
      intermediate_size: 8192,
      num_hidden_layers: 24,
      num_attention_heads: 32,
      num_key_value_heads: 32,
      max_position_embeddings: 8192,
      rms_norm_eps: 1e-5,
      rope_theta: 130000,
      rope_scaling: null,
      tie_word_embeddings: true,
      vocab_size: 49152,
    }),
    tensors: llamaTensors({ layers: 24, hidden: 2048, width: 8192, heads: 32, keyHeads: 32, size: 64, vocabulary: 49152 }),
  },
  {
    id: 'mistralai/Mistral-7B-v0.1',
    config: {
      architectures: ['MistralForCausalLM'],
      model_type: 'mistral',
      hidden_act: 'silu',
      hidden_size: 4096,
      intermediate_size: 14336,
      num_hidden_layers: 32,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      max_position_embeddings: 32768,
      rms_norm_eps: 1e-5,
      rope_theta: 10000,
      sliding_window: 4096,
      tie_word_embeddings: false,
      vocab_size: 32000,
    },
    tensors: llamaTensors({ layers: 32, hidden: 4096, width: 14336, heads: 32, keyHeads: 8, size: 128, vocabulary: 32000, head: true }),
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Llama-8B',
    config: {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      attention_bias: false,
      hidden_act: 'silu',
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 131072,
      mlp_bias: false,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      rms_norm_eps: 1e-5,
      rope_scaling: { factor: 8, high_freq_factor: 4, low_freq_factor: 1, original_max_position_embeddings: 8192, rope_type: 'llama3' },
      rope_theta: 500000,
      tie_word_embeddings: false,
      vocab_size: 128256,
    },
    tensors: llamaTensors({ layers: 32, hidden: 4096, width: 14336, heads: 32, keyHeads: 8, size: 128, vocabulary: 128256, head: true }),
  },
  {
    id: 'mistralai/Mixtral-8x7B-Instruct-v0.1',
    config: {
      architectures: ['MixtralForCausalLM'],
      model_type: 'mixtral',
      hidden_act: 'silu',
      hidden_size: 4096,
      intermediate_size: 14336,
      max_position_embeddings: 32768,
      num_attention_heads: 32,
      num_experts_per_tok: 2,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      num_local_experts: 8,
      rms_norm_eps: 1e-5,
      rope_theta: 1000000,
      sliding_window: null,
      tie_word_embeddings: false,
      vocab_size: 32000,
    },
    tensors: mixtralTensors(),
  },
  {
    id: 'Qwen/Qwen2.5-1.5B-Instruct',
    config: qwen2({
      hidden_size: 1536,
      intermediate_size: 8960,
      num_hidden_layers: 28,
      num_attention_heads: 12,
      num_key_value_heads: 2,
      max_position_embeddings: 32768,
      max_window_layers: 21,
      rms_norm_eps: 1e-6,
      rope_theta: 1000000,
      tie_word_embeddings: true,
      vocab_size: 151936,
    }),
    tensors: llamaTensors({
      layers: 28,
      hidden: 1536,
      width: 8960,
      heads: 12,
      keyHeads: 2,
      size: 128,
      vocabulary: 151936,
      extra: qkvBias(1536, 256),
    }),
  },
  {
    id: 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B',
    config: qwen2({
      hidden_size: 1536,
      intermediate_size: 8960,
      num_hidden_layers: 28,
      num_attention_heads: 12,
      num_key_value_heads: 2,
      max_position_embeddings: 131072,
      max_window_layers: 21,
      rms_norm_eps: 1e-6,
      rope_theta: 10000,
      tie_word_embeddings: false,
      vocab_size: 151936,
    }),
    tensors: llamaTensors({
      layers: 28,
      hidden: 1536,
      width: 8960,
      heads: 12,
      keyHeads: 2,
      size: 128,
      vocabulary: 151936,
      head: true,
      extra: qkvBias(1536, 256),
    }),
  },
  {
    id: 'Qwen/Qwen3-0.6B',
    config: qwen3({
      hidden_size: 1024,
      intermediate_size: 3072,
      num_hidden_layers: 28,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      max_window_layers: 28,
    }),
    tensors: llamaTensors({
      layers: 28,
      hidden: 1024,
      width: 3072,
      heads: 16,
      keyHeads: 8,
      size: 128,
      vocabulary: 151936,
      head: true,
      extra: headNorms(128),
    }),
  },
  {
    id: 'Qwen/Qwen3-1.7B',
    config: qwen3({
      hidden_size: 2048,
      intermediate_size: 6144,
      num_hidden_layers: 28,
      num_attention_heads: 16,
      num_key_value_heads: 8,
      max_window_layers: 28,
    }),
    tensors: llamaTensors({
      layers: 28,
      hidden: 2048,
      width: 6144,
      heads: 16,
      keyHeads: 8,
      size: 128,
      vocabulary: 151936,
      head: true,
      extra: headNorms(128),
    }),
  },
  {
    id: 'Qwen/Qwen3-4B',
    config: qwen3({
      hidden_size: 2560,
      intermediate_size: 9728,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      max_window_layers: 36,
    }),
    tensors: llamaTensors({
      layers: 36,
      hidden: 2560,
      width: 9728,
      heads: 32,
      keyHeads: 8,
      size: 128,
      vocabulary: 151936,
      extra: headNorms(128),
    }),
  },
  {
    id: 'google/gemma-2-2b-it',
    config: {
      architectures: ['Gemma2ForCausalLM'],
      model_type: 'gemma2',
      attn_logit_softcapping: 50,
      final_logit_softcapping: 30,
      head_dim: 256,
      hidden_act: 'gelu_pytorch_tanh',
      hidden_activation: 'gelu_pytorch_tanh',
      hidden_size: 2304,
      intermediate_size: 9216,
      max_position_embeddings: 8192,
      num_attention_heads: 8,
      num_hidden_layers: 26,
      num_key_value_heads: 4,
      query_pre_attn_scalar: 256,
      rms_norm_eps: 1e-6,
      rope_theta: 10000,
      sliding_window: 4096,
      vocab_size: 256000,
    },
    tensors: llamaTensors({
      layers: 26,
      hidden: 2304,
      width: 9216,
      heads: 8,
      keyHeads: 4,
      size: 256,
      vocabulary: 256000,
      extra: gemmaNorms(2304),
    }),
  },
  {
    id: 'google/gemma-3-270m',
    config: gemma3({ hidden_size: 640, intermediate_size: 2048, num_attention_heads: 4, num_hidden_layers: 18, num_key_value_heads: 1 }),
    tensors: gemma3Text({ layers: 18, hidden: 640, width: 2048, heads: 4, keyHeads: 1 }),
  },
  {
    id: 'google/gemma-3-270m-it',
    config: gemma3({ hidden_size: 640, intermediate_size: 2048, num_attention_heads: 4, num_hidden_layers: 18, num_key_value_heads: 1 }),
    tensors: gemma3Text({ layers: 18, hidden: 640, width: 2048, heads: 4, keyHeads: 1 }),
  },
  {
    id: 'google/gemma-3-1b-it',
    config: gemma3({ hidden_size: 1152, intermediate_size: 6912, num_attention_heads: 4, num_hidden_layers: 26, num_key_value_heads: 1 }),
    tensors: gemma3Text({ layers: 26, hidden: 1152, width: 6912, heads: 4, keyHeads: 1 }),
  },
  {
    id: 'google/embeddinggemma-300m',
    config: gemma3({
      architectures: ['Gemma3TextModel'],
      hidden_size: 768,
      intermediate_size: 1152,
      max_position_embeddings: 2048,
      num_attention_heads: 3,
      num_hidden_layers: 24,
      num_key_value_heads: 1,
      use_bidirectional_attention: true,
      // As whoever opens the checkpoint merges it from modules.json, 1_Pooling, 2_Dense, 3_Dense and 4_Normalize.
      sentence_transformers: {
        pooling_mode_mean_tokens: true,
        normalize: true,
        dense: [dense(768, 3072), dense(3072, 768)],
      },
    }),
    tensors: new Map([
      ['dense.0.linear.weight', [3072, 768]],
      ['dense.1.linear.weight', [768, 3072]],
      ...[...gemma3Text({ layers: 24, hidden: 768, width: 1152, heads: 3, keyHeads: 1 })].map(
        ([name, shape]) => [name.replace('model.', ''), shape] as const,
      ),
    ]),
  },
  {
    id: 'BAAI/bge-small-en-v1.5',
    config: {
      architectures: ['BertModel'],
      model_type: 'bert',
      hidden_act: 'gelu',
      hidden_size: 384,
      intermediate_size: 1536,
      layer_norm_eps: 1e-12,
      max_position_embeddings: 512,
      num_attention_heads: 12,
      num_hidden_layers: 12,
      position_embedding_type: 'absolute',
      type_vocab_size: 2,
      vocab_size: 30522,
      sentence_transformers: { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false, normalize: true },
    },
    tensors: tensors(
      12,
      {
        'embeddings.word_embeddings.weight': [30522, 384],
        'embeddings.position_embeddings.weight': [512, 384],
        'embeddings.token_type_embeddings.weight': [2, 384],
        'embeddings.LayerNorm.weight': [384],
        'embeddings.LayerNorm.bias': [384],
        'embeddings.position_ids': [1, 512],
        'pooler.dense.weight': [384, 384],
        'pooler.dense.bias': [384],
      },
      (index) =>
        Object.fromEntries(
          Object.entries({
            'attention.self.query': [384, 384],
            'attention.self.key': [384, 384],
            'attention.self.value': [384, 384],
            'attention.output.dense': [384, 384],
            'attention.output.LayerNorm': [384],
            'intermediate.dense': [1536, 384],
            'output.dense': [384, 1536],
            'output.LayerNorm': [384],
          }).flatMap(([name, shape]) => [
            [`encoder.layer.${index}.${name}.weight`, shape],
            [`encoder.layer.${index}.${name}.bias`, shape.slice(0, 1)],
          ]),
        ),
    ),
  },
  {
    id: 'microsoft/phi-2',
    config: {
      architectures: ['PhiForCausalLM'],
      model_type: 'phi',
      hidden_act: 'gelu_new',
      hidden_size: 2560,
      intermediate_size: 10240,
      layer_norm_eps: 1e-5,
      max_position_embeddings: 2048,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 32,
      partial_rotary_factor: 0.4,
      qk_layernorm: false,
      rope_theta: 10000,
      tie_word_embeddings: false,
      vocab_size: 51200,
    },
    tensors: tensors(
      32,
      {
        'model.embed_tokens.weight': [51200, 2560],
        'model.final_layernorm.weight': [2560],
        'model.final_layernorm.bias': [2560],
        'lm_head.weight': [51200, 2560],
        'lm_head.bias': [51200],
      },
      (index) =>
        Object.fromEntries(
          Object.entries({
            input_layernorm: [2560],
            'self_attn.q_proj': [2560, 2560],
            'self_attn.k_proj': [2560, 2560],
            'self_attn.v_proj': [2560, 2560],
            'self_attn.dense': [2560, 2560],
            'mlp.fc1': [10240, 2560],
            'mlp.fc2': [2560, 10240],
          }).flatMap(([name, shape]) => [
            [`model.layers.${index}.${name}.weight`, shape],
            [`model.layers.${index}.${name}.bias`, shape.slice(0, 1)],
          ]),
        ),
    ),
  },
  {
    id: 'EleutherAI/pythia-410m',
    config: {
      architectures: ['GPTNeoXForCausalLM'],
      model_type: 'gpt_neox',
      hidden_act: 'gelu',
      hidden_size: 1024,
      intermediate_size: 4096,
      layer_norm_eps: 1e-5,
      max_position_embeddings: 2048,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      rotary_emb_base: 10000,
      rotary_pct: 0.25,
      tie_word_embeddings: false,
      use_parallel_residual: true,
      vocab_size: 50304,
    },
    tensors: tensors(
      24,
      {
        'gpt_neox.embed_in.weight': [50304, 1024],
        'gpt_neox.final_layer_norm.weight': [1024],
        'gpt_neox.final_layer_norm.bias': [1024],
        'embed_out.weight': [50304, 1024],
      },
      (index) => {
        const prefix = `gpt_neox.layers.${index}`
        return {
          [`${prefix}.attention.bias`]: [1, 1, 2048, 2048],
          [`${prefix}.attention.masked_bias`]: [],
          [`${prefix}.attention.rotary_emb.inv_freq`]: [8],
          ...Object.fromEntries(
            Object.entries({
              input_layernorm: [1024],
              post_attention_layernorm: [1024],
              'attention.query_key_value': [3072, 1024],
              'attention.dense': [1024, 1024],
              'mlp.dense_h_to_4h': [4096, 1024],
              'mlp.dense_4h_to_h': [1024, 4096],
            }).flatMap(([name, shape]) => [
              [`${prefix}.${name}.weight`, shape],
              [`${prefix}.${name}.bias`, shape.slice(0, 1)],
            ]),
          ),
        }
      },
    ),
  },
  {
    id: 'cerebras/Cerebras-GPT-111M',
    config: {
      architectures: ['GPT2LMHeadModel'],
      model_type: 'gpt2',
      activation_function: 'gelu',
      n_embd: 768,
      n_head: 12,
      n_inner: 3072,
      n_layer: 10,
      n_positions: 2048,
      layer_norm_epsilon: 1e-5,
      vocab_size: 50257,
    },
    tensors: tensors(
      10,
      {
        'transformer.wte.weight': [50257, 768],
        'transformer.wpe.weight': [2048, 768],
        'transformer.ln_f.weight': [768],
        'transformer.ln_f.bias': [768],
        'lm_head.weight': [50257, 768],
      },
      (index) => {
        const prefix = `transformer.h.${index}`
        return {
          [`${prefix}.attn.bias`]: [1, 1, 2048, 2048],
          [`${prefix}.attn.masked_bias`]: [],
          [`${prefix}.ln_1.weight`]: [768],
          [`${prefix}.ln_1.bias`]: [768],
          [`${prefix}.attn.c_attn.weight`]: [768, 2304],
          [`${prefix}.attn.c_attn.bias`]: [2304],
          [`${prefix}.attn.c_proj.weight`]: [768, 768],
          [`${prefix}.attn.c_proj.bias`]: [768],
          [`${prefix}.ln_2.weight`]: [768],
          [`${prefix}.ln_2.bias`]: [768],
          [`${prefix}.mlp.c_fc.weight`]: [768, 3072],
          [`${prefix}.mlp.c_fc.bias`]: [3072],
          [`${prefix}.mlp.c_proj.weight`]: [3072, 768],
          [`${prefix}.mlp.c_proj.bias`]: [768],
        }
      },
    ),
  },
  {
    id: 'allenai/OLMo-2-0425-1B-Instruct',
    config: {
      architectures: ['Olmo2ForCausalLM'],
      model_type: 'olmo2',
      attention_bias: false,
      hidden_act: 'silu',
      hidden_size: 2048,
      intermediate_size: 8192,
      max_position_embeddings: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 16,
      num_key_value_heads: 16,
      rms_norm_eps: 1e-6,
      rope_scaling: null,
      rope_theta: 500000,
      tie_word_embeddings: false,
      vocab_size: 100352,
    },
    tensors: new Map(
      [
        ...llamaTensors({
          layers: 16,
          hidden: 2048,
          width: 8192,
          heads: 16,
          keyHeads: 16,
          size: 128,
          vocabulary: 100352,
          head: true,
          extra: (prefix) => ({ ...headNorms(2048)(prefix), [`${prefix}.post_feedforward_layernorm.weight`]: [2048] }),
        }),
      ].filter(([name]) => !name.endsWith('input_layernorm.weight')),
    ),
  },
  {
    id: 'EleutherAI/gpt-j-6b',
    config: {
      architectures: ['GPTJForCausalLM'],
      model_type: 'gptj',
      activation_function: 'gelu_new',
      layer_norm_epsilon: 1e-5,
      n_embd: 4096,
      n_head: 16,
      n_inner: null,
      n_layer: 28,
      n_positions: 2048,
      rotary: true,
      rotary_dim: 64,
      scale_attn_weights: true,
      tie_word_embeddings: false,
      vocab_size: 50400,
    },
    tensors: tensors(
      28,
      {
        'transformer.wte.weight': [50400, 4096],
        'transformer.ln_f.weight': [4096],
        'transformer.ln_f.bias': [4096],
        'lm_head.weight': [50400, 4096],
        'lm_head.bias': [50400],
      },
      (index) => {
        const prefix = `transformer.h.${index}`
        return {
          [`${prefix}.ln_1.weight`]: [4096],
          [`${prefix}.ln_1.bias`]: [4096],
          [`${prefix}.attn.bias`]: [1, 1, 2048, 2048],
          [`${prefix}.attn.masked_bias`]: [],
          [`${prefix}.attn.q_proj.weight`]: [4096, 4096],
          [`${prefix}.attn.k_proj.weight`]: [4096, 4096],
          [`${prefix}.attn.v_proj.weight`]: [4096, 4096],
          [`${prefix}.attn.out_proj.weight`]: [4096, 4096],
          [`${prefix}.mlp.fc_in.weight`]: [16384, 4096],
          [`${prefix}.mlp.fc_in.bias`]: [16384],
          [`${prefix}.mlp.fc_out.weight`]: [4096, 16384],
          [`${prefix}.mlp.fc_out.bias`]: [4096],
        }
      },
    ),
  },
  {
    id: 'mosaicml/mpt-7b',
    config: {
      architectures: ['MPTForCausalLM'],
      model_type: 'mpt',
      attn_config: {
        alibi: true,
        alibi_bias_max: 8,
        attn_impl: 'torch',
        attn_pdrop: 0,
        attn_type: 'multihead_attention',
        attn_uses_sequence_id: false,
        clip_qkv: null,
        prefix_lm: false,
        qk_ln: false,
        softmax_scale: null,
      },
      d_model: 4096,
      expansion_ratio: 4,
      learned_pos_emb: true,
      max_seq_len: 2048,
      n_heads: 32,
      n_layers: 32,
      no_bias: true,
      norm_type: 'low_precision_layernorm',
      vocab_size: 50432,
    },
    tensors: tensors(32, { 'transformer.wte.weight': [50432, 4096], 'transformer.norm_f.weight': [4096] }, (index) => {
      const prefix = `transformer.blocks.${index}`
      return {
        [`${prefix}.norm_1.weight`]: [4096],
        [`${prefix}.attn.Wqkv.weight`]: [12288, 4096],
        [`${prefix}.attn.out_proj.weight`]: [4096, 4096],
        [`${prefix}.norm_2.weight`]: [4096],
        [`${prefix}.ffn.up_proj.weight`]: [16384, 4096],
        [`${prefix}.ffn.down_proj.weight`]: [4096, 16384],
      }
    }),
  },
]
