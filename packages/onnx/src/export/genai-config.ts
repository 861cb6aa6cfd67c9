// `genai_config.json`: what onnxruntime-genai wants to know of a model beside its graph.
// Structure and defaults: onnxruntime-genai src/python/py/models/builders/base.py (make_genai_config); what its reader takes: src/config.cpp.
import type { DecoderSpec } from '@fs/arch'
import type { Json, JsonObject } from '@fs/core'
import { cacheHeadDimension } from '../model/cached-attention.ts'

export type GenaiModel = {
  readonly spec: DecoderSpec
  /** onnxruntime-genai's word for the family: `llama`, `qwen3`, `gemma3_text`, … (src/models/model_type.h). */
  readonly type: string
  /** The graph's file, relative to the folder. */
  readonly fileName: string
  readonly contextLength: number
  readonly tokens: { readonly begin: number | null; readonly end: readonly number[]; readonly pad: number | null }
  /** Whether the graph reads no more of the cache than the mask says, so that past and present may be one buffer. */
  readonly cache: 'in-place' | 'returned'
  /** What `generation_config.json` says of sampling, by its own names; anything else in it is ignored. */
  readonly generation: JsonObject
}

const SEARCH_DEFAULTS = {
  diversity_penalty: 0,
  do_sample: false,
  early_stopping: true,
  length_penalty: 1,
  min_length: 0,
  no_repeat_ngram_size: 0,
  num_beams: 1,
  num_return_sequences: 1,
  repetition_penalty: 1,
  temperature: 1,
  top_k: 50,
  top_p: 1,
} as const satisfies { readonly [key: string]: number | boolean }

const WHOLE_NUMBERS: ReadonlySet<string> = new Set(['min_length', 'no_repeat_ngram_size', 'num_beams', 'num_return_sequences', 'top_k'])

/** The contents of the file; layers may differ in nothing that it states, so it speaks of the first. */
export function genaiConfig(model: GenaiModel): JsonObject {
  const { spec, tokens, contextLength } = model
  const [layer] = spec.layers
  const attention = layer?.attention
  const end = tokens.end.length === 1 ? tokens.end[0]! : tokens.end
  const sampling = Object.fromEntries(
    Object.entries(SEARCH_DEFAULTS).flatMap(([key, usual]) => {
      const value = model.generation[key]
      return value !== undefined && isLike(value, key, usual) ? [[key, value]] : []
    }),
  )
  return {
    model: {
      // The file has no way to say that there is none.
      bos_token_id: tokens.begin ?? 1,
      context_length: contextLength,
      decoder: {
        session_options: { log_id: 'onnxruntime-genai', provider_options: [] },
        filename: model.fileName,
        head_size: attention === undefined ? 0 : cacheHeadDimension(attention),
        hidden_size: spec.hiddenSize,
        inputs: {
          input_ids: 'input_ids',
          attention_mask: 'attention_mask',
          past_key_names: 'past_key_values.%d.key',
          past_value_names: 'past_key_values.%d.value',
        },
        outputs: { logits: 'logits', present_key_names: 'present.%d.key', present_value_names: 'present.%d.value' },
        num_attention_heads: attention?.heads ?? 0,
        num_hidden_layers: spec.layers.length,
        num_key_value_heads: attention?.keyValueHeads ?? 0,
      },
      eos_token_id: end,
      pad_token_id: tokens.pad ?? tokens.end[0] ?? 0,
      type: model.type,
      vocab_size: spec.vocabularySize,
    },
    search: { ...SEARCH_DEFAULTS, max_length: contextLength, past_present_share_buffer: model.cache === 'in-place', ...sampling },
  }
}

/** onnxruntime-genai refuses the whole file for a value of another type, such as transformers' `early_stopping: "never"`. */
function isLike(value: Json, key: string, usual: number | boolean): boolean {
  if (typeof value !== typeof usual) return false
  return typeof value !== 'number' || !WHOLE_NUMBERS.has(key) || Number.isInteger(value)
}
