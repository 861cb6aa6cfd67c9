// NomicBERT (nomic-embed-text v1 and v1.5): BERT's wiring with rotary positions, one matrix for query, key and value, gated SiLU, no biases.
// Facts: nomic-ai's modeling_hf_nomic_bert.py; transformers modeling_nomic_bert.py; llama.cpp conversion/bert.py, NomicBertModel.
import { defineArch, type EncoderSpec } from '@fs/arch'
import { attentionSpec, halfSplitRope } from '@fs/arch/common-decoder'
import { feedForwardWidth, fileType, headDimensionOfGguf, heads, hiddenSize, layerNormEpsilon, layers } from '@fs/arch/common-fields'
import { type ConfigOf, type Field, observed } from '@fs/arch/fields'
import { rope } from '@fs/arch/rope'
import { denseNotInGguf, denseWeights, normalizeNotices } from '@fs/arch/sentence-transformers'
import type { Transform } from '@fs/arch/transforms'
import { weight } from '@fs/arch/weights'
import { encoderLeftOut, postNormEncoder, trailingFields } from '../encoder.ts'

/** The first config.json said 8192; both published versions were trained on 2048 positions (conversion/bert.py), which transformers 5 says too. */
const contextLength = (): Field<number> =>
  observed({
    fromHuggingFace: (view) => {
      const trained = view.integer('max_trained_positions', 'max_position_embeddings') ?? 2048
      return Math.min(trained, view.integer('n_positions') ?? trained)
    },
    fromGguf: (view) => view.number('context_length') ?? 2048,
    toHuggingFace: (length) => ({
      n_positions: length === 2048 ? 8192 : length,
      max_trained_positions: length,
      max_position_embeddings: length,
    }),
    toGguf: (value) => [['context_length', { type: 'UINT32', value }]],
  })

// Written in the spelling of nomic-ai's own code and in that of transformers 5, which has the model too.
const fields = {
  layers: { ...layers(), toHuggingFace: (n_layer: number) => ({ n_layer, num_hidden_layers: n_layer }) },
  contextLength: contextLength(),
  hiddenSize: { ...hiddenSize(), toHuggingFace: (n_embd: number) => ({ n_embd, hidden_size: n_embd }) },
  feedForwardWidth: { ...feedForwardWidth(), toHuggingFace: (n_inner: number) => ({ n_inner, intermediate_size: n_inner }) },
  heads: { ...heads(), toHuggingFace: (n_head: number) => ({ n_head, num_attention_heads: n_head }) },
  rope: rope({ dimensions: headDimensionOfGguf, missingBase: 1000 }),
  epsilon: {
    ...layerNormEpsilon(1e-12),
    toHuggingFace: (epsilon: number) => ({ layer_norm_epsilon: epsilon, layer_norm_eps: epsilon }),
  },
  fileType: fileType(),
  ...trailingFields(),
}

type Config = ConfigOf<typeof fields>

function describe(config: Config): EncoderSpec {
  const size = config.hiddenSize / config.heads
  return postNormEncoder(config, null, {
    attention: attentionSpec({
      heads: config.heads,
      keyValueHeads: config.heads,
      headDimension: size,
      causal: false,
      position: halfSplitRope(size, config.rope),
    }),
    feedForward: { kind: 'glu', width: config.feedForwardWidth, activation: 'silu', bias: false },
  })
}

export const nomicBert = defineArch({
  id: 'nomic-bert',
  title: 'NomicBERT',
  ggufArchitecture: 'nomic-bert',
  huggingFaceArchitectures: ['NomicBertModel'],
  modelTypes: ['nomic_bert'],
  checkpoints: ['nomic-ai/nomic-embed-text-v1.5', 'nomic-ai/nomic-embed-text-v1'],
  aliases: [[/^bert\./, '']],
  leftOut: encoderLeftOut,
  fields,
  describe,
  weights: ({ hiddenSize: hidden, dense }) => {
    const joined: readonly Transform[] = [{ kind: 'join', rows: [hidden, hidden, hidden] }]
    return [
      weight('embedding.tokens', 'embeddings.word_embeddings', 'token_embd'),
      weight('embedding.types', 'embeddings.token_type_embeddings', 'token_types'),
      weight('embedding.norm', 'emb_ln', 'token_embd_norm'),
      weight(
        ['layers.{i}.attention.query', 'layers.{i}.attention.key', 'layers.{i}.attention.value'],
        { names: 'encoder.layers.{i}.attn.Wqkv', store: joined },
        { names: 'blk.{i}.attn_qkv', store: joined },
      ),
      weight('layers.{i}.attention.output', 'encoder.layers.{i}.attn.out_proj', 'blk.{i}.attn_output'),
      weight('layers.{i}.attention_post_norm', 'encoder.layers.{i}.norm1', 'blk.{i}.attn_output_norm'),
      // fc11 is multiplied, fc12 goes through the activation (NomicBertGatedMLP).
      weight('layers.{i}.feed_forward.up', 'encoder.layers.{i}.mlp.fc11', 'blk.{i}.ffn_up'),
      weight('layers.{i}.feed_forward.gate', 'encoder.layers.{i}.mlp.fc12', 'blk.{i}.ffn_gate'),
      weight('layers.{i}.feed_forward.down', 'encoder.layers.{i}.mlp.fc2', 'blk.{i}.ffn_down'),
      weight('layers.{i}.feed_forward_post_norm', 'encoder.layers.{i}.norm2', 'blk.{i}.layer_output_norm'),
      ...denseWeights(dense),
    ]
  },
  vocabulary: () => ({ preferredPre: 'jina-v2-en' }),
  notices: normalizeNotices,
  notInGguf: denseNotInGguf,
})
