// Plans a model as a folder of config.json, model.safetensors and tokenizer files: the unified folder in canonical names, or a
// Hugging Face checkpoint again. What each file says is decided in `../folder`; here they get their places.
import type { Notice, StorageForm } from '@fs/arch'
import { DTYPES, type Dtype, elementCount, type TensorType } from '@fs/core'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { convertError } from '../errors.ts'
import type { OpenedModel } from '../open-model.ts'
import { assemblePlan, type Placement } from './assemble-plan.ts'
import type { ConversionPlan, PlanOutput } from './conversion-plan.ts'
import { type ResultTensor, resultTensors } from './result-tensors.ts'

/** What weights are stored as; `native` keeps plain types and dequantizes the rest to float16. */
export type Precision = 'F32' | 'F16' | 'BF16' | 'native'

const PRECISIONS: { readonly [name: string]: Precision } = {
  f32: 'F32',
  float32: 'F32',
  f16: 'F16',
  float16: 'F16',
  bf16: 'BF16',
  bfloat16: 'BF16',
  native: 'native',
}

/** @throws FsError `convert/unknown-type` with the names there are. */
export function parsePrecision(text: string): Precision {
  const found = Object.hasOwn(PRECISIONS, text.toLowerCase()) ? PRECISIONS[text.toLowerCase()] : undefined
  if (found === undefined)
    throw convertError('convert/unknown-type', `--precision ${text} is unknown; choose f32, f16 or bf16`, { type: text })
  return found
}

export type FolderRequest = {
  readonly form: Exclude<StorageForm, 'gguf'>
  readonly precision: Precision
  /** Joins a file name to the folder's path. */
  readonly pathFor: (fileName: string) => string
  /** Small files by name, config.json among them; it is written last, so that a folder that has it is whole. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export type FolderPlan = { readonly plan: ConversionPlan; readonly size: number; readonly notices: readonly Notice[] }

/** @throws FsError what the layout and the transforms refuse */
export function planFolder(model: OpenedModel, request: FolderRequest): FolderPlan {
  const tensors = resultTensors(model, request.form).map((tensor) => ({ tensor, dtype: dtypeOf(tensor, request.precision) }))
  const layout = layoutSafetensors({
    metadata: new Map([['format', 'pt']]),
    tensors: tensors.map(({ tensor, dtype }) => ({ name: tensor.name, dtype, shape: tensor.shape })),
  })
  const places = new Map(layout.tensors.map((place) => [place.name, place]))
  const placements: Placement[] = tensors.map(({ tensor, dtype }) => {
    const { offset, byteLength } = places.get(tensor.name)!
    return { tensor, target: { output: 0, type: dtype, offset, byteLength } }
  })
  const outputs: PlanOutput[] = [
    { path: request.pathFor('model.safetensors'), size: layout.size, literals: [{ offset: 0, bytes: layout.header }] },
  ]
  const names = [...request.files.keys()].sort((left, right) => Number(left === 'config.json') - Number(right === 'config.json'))
  for (const name of names) {
    const bytes = request.files.get(name)!
    outputs.push({ path: request.pathFor(name), size: bytes.length, literals: [{ offset: 0, bytes }] })
  }
  const plan = assemblePlan({ source: model.checkpoint.tensors, outputs, placements })
  return { plan, size: outputs.reduce((sum, output) => sum + output.size, 0), notices: model.notices }
}

type PlainFloat = 'F32' | 'F16' | 'BF16'

function dtypeOf(tensor: ResultTensor, precision: Precision): PlainFloat {
  if (precision !== 'native') return precision
  const type: TensorType = tensor.inputs[0]!.type
  return type === 'F32' || type === 'BF16' || type === 'F16' ? type : 'F16'
}

/** The dtype most of the weights have, in transformers' spelling, for config.json. */
export function mainDtype(model: OpenedModel, precision: Precision): 'float32' | 'float16' | 'bfloat16' {
  const bytes = new Map<PlainFloat, number>()
  for (const tensor of resultTensors(model, 'huggingFace')) {
    const dtype = dtypeOf(tensor, precision)
    bytes.set(dtype, (bytes.get(dtype) ?? 0) + elementCount(tensor.shape) * DTYPES[dtype satisfies Dtype].bytes)
  }
  const [main] = [...bytes].sort((left, right) => right[1] - left[1])[0] ?? ['F32']
  return ({ F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const)[main]
}
