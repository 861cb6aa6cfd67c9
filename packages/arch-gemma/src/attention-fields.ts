// Two settings of Gemma 2 and 3 that config.json states and llama.cpp derives: the scale of the queries and which layers are local.
import type { Notice } from '@fs/arch'
import { headDimensionOfGguf } from '@fs/arch/common-fields'
import { type Field, integer, observed } from '@fs/arch/fields'

/**
 * `query_pre_attn_scalar`. llama.cpp takes the head size, but for the largest model of a generation the hidden size over the heads
 * (src/models/gemma2.cpp, gemma3.cpp: LLM_TYPE_27B, told by its number of layers).
 * @param layersOfLargest null where there is no such model
 */
export const queryScalar = (layersOfLargest: number | null): Field<number> =>
  integer({
    huggingFace: 'query_pre_attn_scalar',
    missing: 256,
    missingGguf: (view) =>
      view.number('block_count') === layersOfLargest
        ? (view.number('embedding_length') ?? 0) / (view.number('attention.head_count') ?? 1)
        : headDimensionOfGguf(view),
  })

type Scaled = {
  readonly queryScalar: number
  readonly layers: number
  readonly hiddenSize: number
  readonly heads: number
  readonly headDimension: number
}

/** Says so when the file will be run with another scale than the checkpoint's. */
export function scalarNotices(config: Scaled, layersOfLargest: number | null): readonly Notice[] {
  const assumed = config.layers === layersOfLargest ? config.hiddenSize / config.heads : config.headDimension
  if (assumed === config.queryScalar) return []
  return [
    {
      code: 'gguf/query-scale',
      message: `query_pre_attn_scalar is ${config.queryScalar}, but GGUF has no key for it and llama.cpp will take ${assumed}: its answers will differ from the original's`,
    },
  ]
}

/** For each layer whether it has the sliding window: `layer_types`, or all but every `pattern`-th. */
export const localLayers = (pattern: number): Field<readonly boolean[]> =>
  observed<readonly boolean[]>({
    fromHuggingFace: (view) => {
      const types = view.get('layer_types')
      if (Array.isArray(types)) return types.map((type) => type === 'sliding_attention')
      const every = view.integer('sliding_window_pattern', '_sliding_window_pattern') ?? pattern
      return Array.from({ length: view.integer('num_hidden_layers') ?? 0 }, (_, layer) => (layer + 1) % every !== 0)
    },
    fromGguf: (view) =>
      Array.from(
        { length: view.number('block_count') ?? 0 },
        (_, layer) => view.number('attention.sliding_window') !== undefined && (layer + 1) % pattern !== 0,
      ),
    toHuggingFace: (local) => ({ layer_types: local.map((isLocal) => (isLocal ? 'sliding_attention' : 'full_attention')) }),
  })

/** Says so when the checkpoint's local layers are not those llama.cpp assumes. */
export function patternNotices(local: readonly boolean[], pattern: number): readonly Notice[] {
  if (local.every((isLocal, layer) => isLocal === ((layer + 1) % pattern !== 0))) return []
  return [
    {
      code: 'gguf/layer-pattern',
      message: `the checkpoint's sliding-window layers do not follow the pattern of one full layer in ${pattern} that llama.cpp assumes: it will give the others another window and rope base, and other answers`,
    },
  ]
}
