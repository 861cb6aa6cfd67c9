// Plans a model as a folder that transformers.js and onnxruntime-genai load: `onnx/model_*.onnx` with its weights beside it, and the files
// that describe it. The graph comes from `@fs/onnx`, the small files from `folder-files.ts`; here weights get their places.
import type { ModelSpec, Notice } from '@fs/arch'
import type { ExternalData, FloatType } from '@fs/onnx'
import {
  decoderGraph,
  encoderGraph,
  type Graph,
  layoutExternalData,
  serializeGraph,
  type TransformersJsDtype,
  transformersJsDtype,
  transformersJsFile,
} from '@fs/onnx'
import { blockFormatOf } from '@fs/onnx/rows'
import { convertError } from '../errors.ts'
import { type Lengthened, withContextLength } from '../folder/context-length.ts'
import type { OpenedModel } from '../open-model.ts'
import { assemblePlan, type Placement } from '../plan/assemble-plan.ts'
import type { PlanOutput } from '../plan/conversion-plan.ts'
import type { GgufPlan, PlannedOutput } from '../plan/plan-gguf.ts'
import { type ResultTensor, resultTensors } from '../plan/result-tensors.ts'
import type { TypeOptions } from '../plan/tensor-types.ts'
import { folderFiles } from './folder-files.ts'
import { type PlacedOutput, placeInitializers } from './place-initializers.ts'
import { type WeightTypes, weightTypes } from './weight-types.ts'

export type OnnxRequest = {
  /** One for each model file: `auto`, `f32`, `f16`, or llama-quantize's names in any case. */
  readonly quants: readonly string[]
  /** Type of activations; halves for `f16`, else float32. */
  readonly activations?: FloatType
  /** Joins a file name, which may have a `/`, to the folder's path. */
  readonly pathFor: (fileName: string) => string
  readonly types?: TypeOptions
  /** Tokens of a sequence; rotary tables have a row for each. */
  readonly contextLength?: number
  /** Largest size of a file of weights; a single tensor may be larger. */
  readonly splitMaxBytes?: number
}

/** Readers with 32-bit offsets end at 2 GiB, browsers' ArrayBuffers near it. */
const MOST_BYTES = 2_000_000_000
/** Rows of rotary tables where nobody says more: 131072 tokens would be 64 MB of them. */
const CONTEXT_LENGTH = 8192
/** transformers.js src/utils/hub.js, MAX_EXTERNAL_DATA_CHUNKS. */
const MOST_FILES = 100

/**
 * @throws FsError `convert/onnx-type`, `convert/context-length`, `onnx/not-expressible`, what the tokenizer cannot say in files, and what the
 * types refuse
 */
export async function planOnnx(model: OpenedModel, request: OnnxRequest): Promise<GgufPlan> {
  const length = contextOf(model, request.contextLength)
  const importance: Float32Array[] = []
  const tensors = new Map(resultTensors(model, 'canonical').map((tensor) => [tensor.name, tensor]))
  const models: PlannedModel[] = []
  let outputs = 0
  for (const quant of request.quants) {
    const types = weightTypes(model, quant, request.types ?? {}, importance)
    const planned = planModel(length, types, request, { tensors, firstOutput: outputs })
    const same = models.find(({ dtype }) => dtype === planned.dtype)
    if (same !== undefined) throw sameName(planned.fileName, same.types.name, types.name)
    models.push(planned)
    outputs += planned.outputs.length
  }
  const made = await folderFiles(model, {
    models: models.map(({ dtype, fileName, parts }) => ({ dtype, fileName, parts: parts.length })),
    contextLength: length.contextLength,
    cache: attentionOf(length.description.spec) === 'fused' ? 'in-place' : 'returned',
  })
  const small = [...made.files].map(([name, bytes]) => literal(request.pathFor(name), bytes))
  const plan = assemblePlan({
    source: model.checkpoint.tensors,
    outputs: [...models.flatMap((each) => each.outputs), ...small],
    placements: models.flatMap(({ placements }) => placements),
    importance,
  })
  const notices = [
    // What GGUF cannot say has a place in a graph.
    ...model.notices.filter(({ code }) => !code.startsWith('gguf/')),
    ...length.notices,
    ...models.flatMap(({ types }) => types.notices),
    ...models.flatMap(largeParts),
    ...made.notices,
  ]
  return { plan, outputs: models.map((each, index) => plannedOutput(each, index === 0 ? small : [], request.pathFor(''))), notices }
}

/** One model file of the folder: a graph, and the parts its weights lie in. */
type PlannedModel = {
  readonly dtype: TransformersJsDtype
  readonly fileName: string
  readonly types: WeightTypes
  readonly parts: ExternalData['files']
  /** The parts, then the graph. */
  readonly outputs: readonly PlanOutput[]
  readonly placements: readonly Placement[]
}

function planModel(
  { description, contextLength }: Lengthened,
  types: WeightTypes,
  request: OnnxRequest,
  { tensors, firstOutput }: { readonly tensors: ReadonlyMap<string, ResultTensor>; readonly firstOutput: number },
): PlannedModel {
  const activations = request.activations ?? (types.name === 'F16' ? 'float16' : 'float32')
  const dtype = dtypeOf(types, activations)
  const fileName = transformersJsFile(dtype)
  const graph = graphOf(description.spec, types, activations, contextLength)
  const { places, files } = layoutExternalData(graph.initializers, fileName, request.splitMaxBytes ?? MOST_BYTES)
  if (files.length > MOST_FILES) {
    const message = `${files.length} parts are more than the ${MOST_FILES} transformers.js reads; allow larger ones`
    throw convertError('convert/onnx-type', message, { parts: files.length })
  }
  const placed: PlacedOutput = {
    output: (location) => firstOutput + files.findIndex(({ name }) => name === location),
    places,
    types: types.blocks,
  }
  const bytes = serializeGraph(graph, 'model', ({ data }) => places.get(data)!)
  return {
    dtype,
    fileName,
    types,
    parts: files,
    outputs: [
      ...files.map(({ name, size }) => ({ path: request.pathFor(`onnx/${name}`), size, literals: [] })),
      literal(request.pathFor(`onnx/${fileName}`), bytes),
    ],
    placements: placeInitializers(graph.initializers, tensors, placed),
  }
}

/** @param small the files all models of the folder share, which count with the first */
function plannedOutput({ types, outputs }: PlannedModel, small: readonly PlanOutput[], folder: string): PlannedOutput {
  const own = [...outputs, ...small]
  return { type: types.name, folder, paths: own.map(({ path }) => path), size: own.reduce((sum, { size }) => sum + size, 0) }
}

const literal = (path: string, bytes: Uint8Array): PlanOutput => ({ path, size: bytes.length, literals: [{ offset: 0, bytes }] })

function sameName(file: string, first: string, second: string) {
  const message = `${first} and ${second} would both be ${file}, the name transformers.js looks for; write them into two folders`
  return convertError('convert/onnx-type', message, { file })
}

function dtypeOf({ name, weights }: WeightTypes, activations: FloatType): TransformersJsDtype {
  if (name === 'F16' && activations === 'float32')
    throw convertError('convert/onnx-type', 'f16 weights are multiplied in float16; choose --quant f32, or leave out --precision', {
      type: name,
    })
  const dtype = transformersJsDtype({ weights, activations })
  if (dtype !== null) return dtype
  throw convertError(
    'convert/onnx-type',
    `transformers.js has no name for ${name} weights with float16 activations; leave out --precision f16`,
    {
      type: name,
    },
  )
}

/** Rotary tables are stored, so their length is decided here; learned positions have the length they have. */
function contextOf({ description }: OpenedModel, wanted: number | undefined): Lengthened {
  const { spec } = description
  const rotates = spec.layers.some(({ attention }) => attention.position.kind === 'rope')
  if (wanted !== undefined || !rotates || spec.contextLength <= CONTEXT_LENGTH) return withContextLength(description, wanted)
  const message = `sequences may have ${CONTEXT_LENGTH} tokens of the model's ${spec.contextLength}; --context-length ${spec.contextLength} writes tables for all`
  const notices: readonly Notice[] = [{ code: 'onnx/context-length', message }]
  return { description, contextLength: CONTEXT_LENGTH, notices }
}

function graphOf(spec: ModelSpec, types: WeightTypes, precision: FloatType, contextLength: number): Graph {
  const formatOf = (name: string) => {
    const chosen = types.blocks.get(name)
    return (chosen === undefined ? null : blockFormatOf(chosen.type)) ?? ({ kind: 'float' } as const)
  }
  const options = { precision, arithmetic: 'fast', formatOf, contextLength } as const
  if (spec.kind === 'encoder') return encoderGraph(spec, options)
  // Logits of every position: what onnxruntime-genai asks for, and what perplexity and comparisons need.
  return decoderGraph(spec, { ...options, attention: attentionOf(spec), control: 'all' })
}

/** WebGPU's GroupQueryAttention leaves soft caps out without a word (1.30), and an export does not know where it will run. */
function attentionOf({ layers }: ModelSpec): 'fused' | 'explicit' {
  return layers.some(({ attention }) => attention.softCap !== null) ? 'explicit' : 'fused'
}

function largeParts({ parts }: PlannedModel): readonly Notice[] {
  const large = parts.filter(({ size }) => size > MOST_BYTES)
  return large.map(({ name, size }) => ({
    code: 'onnx/large-part',
    message: `${name} holds one tensor of ${(size / 1e9).toFixed(1)} GB, which browsers cannot load; a quantized type makes it smaller`,
  }))
}
