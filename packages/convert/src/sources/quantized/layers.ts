// Quantized layers as their parts: `X.qweight`, `X.scales` and so on belong together under the layer's name X.
// What the parts mean is each method's business.
import type { TensorInfo } from '@fs/core'
import { convertError } from '../../errors.ts'
import type { ComputedTensor, ModelTensor } from '../../source-tensor.ts'

/** What undoing a method may use. */
export type QuantizedModel = {
  /** For messages. */
  readonly name: string
  readonly tensors: ReadonlyMap<string, TensorInfo>
  /** The type the weights had, where config.json states it. */
  readonly type: ComputedTensor['type'] | undefined
  /** Bytes of a small tensor that holds settings. */
  readonly read: (tensor: TensorInfo) => Promise<Uint8Array>
}

export type LayerParts = {
  readonly layer: string
  readonly has: (part: string) => boolean
  /** @throws FsError `convert/quantized-part` */
  readonly part: (name: string) => TensorInfo
  readonly optional: (name: string) => TensorInfo | undefined
}

/** Scales of activations and caches, which change how a model is run, not what its weights are. */
const RUN_TIME_ONLY = /\.(?:(?:input|output|k|v|q|prob)_(?:scale|zero_point)|input_global_scale|input_scale_inv|activation_scale)$/

/**
 * Replaces each layer that has the part `marker` by one tensor.
 * @param parts every name a part may have, without the layer's; the longest match counts
 * @param whole gives the tensor that goes under `X.weight`
 */
export async function wholeLayers(
  model: QuantizedModel,
  marker: string,
  parts: readonly string[],
  whole: (layer: LayerParts) => ModelTensor | Promise<ModelTensor>,
): Promise<ReadonlyMap<string, ModelTensor>> {
  const result = new Map<string, ModelTensor>()
  const longestFirst = [...parts].sort((left, right) => right.length - left.length)
  for (const [name, tensor] of model.tensors) {
    if (RUN_TIME_ONLY.test(name)) continue
    const part = longestFirst.find((candidate) => name.endsWith(`.${candidate}`))
    const layer = part === undefined ? '' : name.slice(0, -part.length - 1)
    if (part === undefined || !model.tensors.has(`${layer}.${marker}`)) result.set(name, { tensor, chain: [] })
    else if (!result.has(`${layer}.weight`)) result.set(`${layer}.weight`, await whole(partsOf(layer, model)))
  }
  return result
}

function partsOf(layer: string, { tensors, name }: QuantizedModel): LayerParts {
  return {
    layer,
    has: (part) => tensors.has(`${layer}.${part}`),
    optional: (part) => tensors.get(`${layer}.${part}`),
    part: (part) => {
      const tensor = tensors.get(`${layer}.${part}`)
      if (tensor !== undefined) return tensor
      throw convertError(
        'convert/quantized-part',
        `${name} has no tensor ${layer}.${part}, without which ${layer} cannot be made whole; download the checkpoint again`,
        { tensor: `${layer}.${part}` },
      )
    },
  }
}
