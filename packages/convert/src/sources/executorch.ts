// ExecuTorch's quantized Llama 3.2 (`…-QLORA_INT4_EO8`): Meta's names; matrices as int8 with a scale for each group, the embedding with one for
// each row, and LoRA adaptors on top. Facts: executorch examples/models/llama/source_transformation/{pre_quantization,lora}.py.
import type { Checkpoint } from '@fs/core'
import { convertError } from '../errors.ts'
import type { ComputedTensor, SourceTensor } from '../source-tensor.ts'
import { lowRankSum } from './low-rank.ts'
import { scaledByShape } from './scaled-by-shape.ts'

const SCALES = /\.scales$/
const ADAPTOR = /\.adaptor\.[AB]\.weight$/

/**
 * The tensors with every quantized matrix and its adaptor made one.
 * @returns undefined when nothing is quantized
 * @throws FsError `convert/quantized-source` for SpinQuant, `convert/quantized-shape`
 */
export function executorchTensors(
  checkpoint: Checkpoint,
  settings: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, SourceTensor> | undefined {
  const stored = checkpoint.tensors.tensors
  const quantized = [...stored.keys()].some((name) => SCALES.test(name))
  if (!quantized) return undefined
  const scale = settings.get('lora_args.scale')
  if (typeof scale !== 'number') {
    throw convertError(
      'convert/quantized-source',
      `${checkpoint.name} is quantized for ExecuTorch without adaptors (SpinQuant), which rotates numbers between layers in a way its files do not say; convert the QLORA_INT4_EO8 or the original checkpoint`,
      { file: checkpoint.name, method: 'spinquant' },
    )
  }
  const result = new Map<string, SourceTensor>()
  for (const [name, tensor] of stored) {
    if (SCALES.test(name) || ADAPTOR.test(name) || name.endsWith('.zeros')) continue
    const layer = name.replace(/\.weight$/, '')
    const whole = dequantized(layer, tensor, stored)
    const [down, up] = [stored.get(`${layer}.adaptor.A.weight`), stored.get(`${layer}.adaptor.B.weight`)]
    result.set(name, down === undefined || up === undefined ? whole : lowRankSum(whole, up, down, scale))
  }
  return result
}

function dequantized(layer: string, weight: SourceTensor, stored: ReadonlyMap<string, SourceTensor>): SourceTensor | ComputedTensor {
  const scales = stored.get(`${layer}.scales`)
  return scales === undefined ? weight : scaledByShape({ weight, scales, zeros: stored.get(`${layer}.zeros`) })
}
