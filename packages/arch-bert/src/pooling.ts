// How an encoder's token vectors become one, as sentence-transformers states it and GGUF numbers it.
import { type Field, observed } from '@fs/arch/fields'

/** llama.cpp's `enum llama_pooling_type` (include/llama.h). */
const POOLING_TYPES = { none: 0, mean: 1, first: 2, last: 3 } as const

export type Pooling = keyof typeof POOLING_TYPES

/**
 * Read from `1_Pooling/config.json`, which whoever opens the checkpoint merges into the configuration under `sentence_transformers`;
 * without it the model gives token vectors.
 */
export const pooling = (): Field<Pooling> =>
  observed<Pooling>({
    fromHuggingFace: (view) => {
      if (view.boolean('sentence_transformers.pooling_mode_mean_tokens')) return 'mean'
      if (view.boolean('sentence_transformers.pooling_mode_cls_token')) return 'first'
      if (view.boolean('sentence_transformers.pooling_mode_lasttoken')) return 'last'
      return 'none'
    },
    fromGguf: (view) =>
      (Object.keys(POOLING_TYPES) as Pooling[]).find((name) => POOLING_TYPES[name] === view.number('pooling_type')) ?? 'none',
    toGguf: (type) => (type === 'none' ? [] : [['pooling_type', { type: 'UINT32', value: POOLING_TYPES[type] }]]),
  })
