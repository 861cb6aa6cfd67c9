// Plans a model as a folder of config.json, model.safetensors and tokenizer files: the unified folder in canonical names, or a
// Hugging Face checkpoint again. What each file says is decided in `../folder`; here they get their places.
import type { Notice, StorageForm } from '@fs/arch'
import { DTYPES, elementCount } from '@fs/core'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { convertError } from '../errors.ts'
import type { OpenedModel } from '../open-model.ts'
import { assemblePlan, type Placement } from './assemble-plan.ts'
import type { ConversionPlan, PlanOutput } from './conversion-plan.ts'
import type { PlannedOutput } from './plan-gguf.ts'
import { plainFloatOf, type ResultTensor, resultTensors } from './result-tensors.ts'

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

/** Where a folder goes and how its weights are stored. */
export type FolderPlaces = {
  readonly precision: Precision
  /** Joins a file name, which may have a `/`, to the folder's path. */
  readonly pathFor: (fileName: string) => string
  /** Largest size of a file of weights; a single tensor may be larger. */
  readonly splitMaxBytes?: number
}

export type FolderRequest = FolderPlaces & {
  readonly form: Exclude<StorageForm, 'gguf'>
  /** Small files by name, config.json among them; it is written last, so that a folder that has it is whole. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** What making the files had to say. */
  readonly notices: readonly Notice[]
  /** Folders of modules that are kept apart from the model, each with the beginning of its tensors' names, which they lose there. */
  readonly modules?: readonly { readonly folder: string; readonly prefix: string }[]
}

export type FolderPlan = {
  readonly plan: ConversionPlan
  readonly outputs: readonly [PlannedOutput]
  readonly notices: readonly Notice[]
}

/** @throws FsError what the layout and the transforms refuse */
export function planFolder(model: OpenedModel, request: FolderRequest): FolderPlan {
  const tensors = typedTensors(model, request.form, request.precision)
  const { modules = [] } = request
  const apart = modules.map(({ folder, prefix }) => ({
    name: `${folder}/model.safetensors`,
    prefix,
    tensors: tensors.filter(({ tensor }) => tensor.name.startsWith(prefix)),
  }))
  const shards = shardsOf(
    tensors.filter(({ tensor }) => !modules.some(({ prefix }) => tensor.name.startsWith(prefix))),
    request.splitMaxBytes,
  )
  const outputs: PlanOutput[] = []
  const placements: Placement[] = []
  for (const { name, prefix, tensors: shard } of [...shards.map((shard, index) => partOf(shard, index, shards.length)), ...apart]) {
    const layout = layoutSafetensors({
      metadata: new Map([['format', 'pt']]),
      tensors: shard.map(({ tensor, dtype }) => ({ name: tensor.name.slice(prefix.length), dtype, shape: tensor.shape })),
    })
    const places = new Map(layout.tensors.map((place) => [place.name, place]))
    for (const { tensor, dtype } of shard) {
      const { offset, byteLength } = places.get(tensor.name.slice(prefix.length))!
      placements.push({ tensor, target: { output: outputs.length, type: dtype, offset, byteLength } })
    }
    outputs.push({ path: request.pathFor(name), size: layout.size, literals: [{ offset: 0, bytes: layout.header }] })
  }
  const files = new Map(request.files)
  if (shards.length > 1) files.set(INDEX, shardIndex(shards))
  const names = [...files.keys()].sort((left, right) => Number(left === 'config.json') - Number(right === 'config.json'))
  for (const name of names) {
    const bytes = files.get(name)!
    outputs.push({ path: request.pathFor(name), size: bytes.length, literals: [{ offset: 0, bytes }] })
  }
  const planned = {
    type: mainType(tensors),
    folder: request.pathFor(''),
    paths: outputs.map(({ path }) => path),
    size: outputs.reduce((sum, output) => sum + output.size, 0),
  }
  // What GGUF cannot say has a place in these folders.
  const told = model.notices.filter(({ code }) => !code.startsWith('gguf/'))
  const plan = assemblePlan({ source: model.checkpoint.tensors, outputs, placements })
  return { plan, outputs: [planned], notices: [...told, ...request.notices] }
}

type PlainFloat = 'F32' | 'F16' | 'BF16'
type TypedTensor = { readonly tensor: ResultTensor; readonly dtype: PlainFloat }

const partOf = (tensors: readonly TypedTensor[], index: number, count: number) => ({ name: shardName(index, count), prefix: '', tensors })

const bytesOf = ({ tensor, dtype }: TypedTensor): number => elementCount(tensor.shape) * DTYPES[dtype].bytes

/** Fills one file after another in the order of the tensors, as transformers does (`split_torch_state_dict_into_shards`). */
function shardsOf(tensors: readonly TypedTensor[], limit = Number.POSITIVE_INFINITY): readonly (readonly TypedTensor[])[] {
  const shards: TypedTensor[][] = [[]]
  let size = 0
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor)
    if (size > 0 && size + bytes > limit) {
      shards.push([])
      size = 0
    }
    shards.at(-1)!.push(tensor)
    size += bytes
  }
  return shards
}

/** The file a reader begins with: the weights, or the index of their parts. */
export function weightsFile(model: OpenedModel, form: FolderRequest['form'], { precision, splitMaxBytes }: FolderPlaces): string {
  return shardsOf(typedTensors(model, form, precision), splitMaxBytes).length === 1 ? 'model.safetensors' : INDEX
}

const INDEX = 'model.safetensors.index.json'

function typedTensors(model: OpenedModel, form: StorageForm, precision: Precision): readonly TypedTensor[] {
  return resultTensors(model, form).map((tensor) => ({ tensor, dtype: dtypeOf(tensor, precision) }))
}

function shardName(index: number, count: number): string {
  if (count === 1) return 'model.safetensors'
  const number = (value: number) => String(value).padStart(5, '0')
  return `model-${number(index + 1)}-of-${number(count)}.safetensors`
}

function shardIndex(shards: readonly (readonly TypedTensor[])[]): Uint8Array {
  const rows = shards.flatMap((shard, index) => shard.map(({ tensor }) => [tensor.name, shardName(index, shards.length)] as const))
  const json = {
    metadata: { total_size: shards.flat().reduce((sum, tensor) => sum + bytesOf(tensor), 0) },
    weight_map: Object.fromEntries(rows.sort(([left], [right]) => (left < right ? -1 : 1))),
  }
  return new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`)
}

function dtypeOf({ inputs }: ResultTensor, precision: Precision): PlainFloat {
  return precision === 'native' ? plainFloatOf(inputs[0]!) : precision
}

/** The dtype most of the weights' bytes have. */
function mainType(tensors: readonly TypedTensor[]): PlainFloat {
  const bytes = new Map<PlainFloat, number>()
  for (const tensor of tensors) bytes.set(tensor.dtype, (bytes.get(tensor.dtype) ?? 0) + bytesOf(tensor))
  return [...bytes].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 'F32'
}

const NAMES = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

const dtypeName = (type: PlainFloat) => NAMES[type]

/** The same in transformers' spelling, for config.json. */
export function mainDtype(model: OpenedModel, precision: Precision): 'float32' | 'float16' | 'bfloat16' {
  return dtypeName(mainType(typedTensors(model, 'canonical', precision)))
}
