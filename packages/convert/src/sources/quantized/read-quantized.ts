// Checkpoints that another tool quantized, made whole: the list of methods, each with what it takes and what it refuses.
import type { Checkpoint, JsonObject, TensorInfo } from '@fs/core'
import type { ModelTensor } from '../../source-tensor.ts'
import type { ModelSource } from '../model-source.ts'
import { awqLayers, awqObstacle } from './awq.ts'
import { bitsandbytesLayers } from './bitsandbytes.ts'
import { compressedTensorsLayers, compressedTensorsObstacle } from './compressed-tensors.ts'
import { type Declared, refusal, statedType, withoutQuantization } from './declared.ts'
import { gptqLayers, gptqObstacle } from './gptq.ts'
import type { QuantizedModel } from './layers.ts'
import { mlxLayers, mlxObstacle } from './mlx.ts'
import { blockSizeOf, scaledFloatLayers } from './scaled-floats.ts'

type Method = {
  /** Why this variant is not read. */
  readonly obstacle?: (settings: JsonObject) => string | undefined
  readonly layers: (model: QuantizedModel, settings: JsonObject) => Promise<ReadonlyMap<string, ModelTensor>>
}

/** auto-round writes the layouts of others and says which. */
function autoRoundObstacle(settings: JsonObject): string | undefined {
  const packing = String(settings.packing_format ?? 'auto_round:auto_gptq')
  if (packing.endsWith('gptq')) return gptqObstacle(settings)
  return packing.endsWith('awq') ? awqObstacle(settings) : `in the layout ${packing}, which is not read`
}

const METHODS: { readonly [name: string]: Method } = {
  fp8: { layers: (model, settings) => scaledFloatLayers(model, blockSizeOf(settings)) },
  fbgemm_fp8: { layers: (model) => scaledFloatLayers(model, undefined) },
  modelopt: {
    obstacle: ({ quant_algo: kind }) => (kind === 'FP8' ? undefined : `as ${String(kind)}, which is not read`),
    layers: (model) => scaledFloatLayers(model, undefined),
  },
  'compressed-tensors': { obstacle: compressedTensorsObstacle, layers: compressedTensorsLayers },
  gptq: { obstacle: gptqObstacle, layers: gptqLayers },
  awq: { obstacle: awqObstacle, layers: awqLayers },
  'auto-round': {
    obstacle: autoRoundObstacle,
    layers: (model, settings) =>
      String(settings.packing_format).endsWith('awq') ? awqLayers(model, settings) : gptqLayers(model, settings),
  },
  bitsandbytes: { layers: bitsandbytesLayers },
  mlx: { obstacle: mlxObstacle, layers: mlxLayers },
}

/** @throws FsError `convert/quantized-source` with the base model's name, and when parts are missing or do not fit */
export async function readQuantized(checkpoint: Checkpoint, config: JsonObject, { method, settings }: Declared): Promise<ModelSource> {
  const known = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
  const obstacle = known === undefined ? 'in a way this version does not read' : known.obstacle?.(settings)
  if (known === undefined || obstacle !== undefined) throw await refusal(checkpoint, method, obstacle ?? '')
  const { files, tensors } = checkpoint.tensors
  const read = ({ file, offset, byteLength }: TensorInfo) => files[file]!.read(offset, byteLength)
  const made = await known.layers({ name: checkpoint.name, tensors, type: statedType(config), read }, settings)
  const message = `the weights were quantized (${method}) and are made whole again; what that lost does not come back, so the model it was made from gives a better result`
  return {
    checkpoint: { ...checkpoint, config: withoutQuantization(config) },
    form: 'huggingFace',
    tensors: made,
    notices: [{ code: 'convert/quantized-twice', message }],
  }
}
