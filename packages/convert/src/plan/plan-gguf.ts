// Plans the conversion of a model to one or several GGUF files from one read. Everything that can be refused is refused here.
// What the parts do: tensors in `result-tensors.ts`, types in `tensor-types.ts`, metadata in `gguf-metadata.ts`, places in `gguf-outputs.ts`.
import type { Notice } from '@fs/arch'
import type { Json, MetadataValue } from '@fs/core'
import { compareTensorNames } from '@fs/quant/recipes'
import { convertError } from '../errors.ts'
import { generalMetadata } from '../general-metadata/general-metadata.ts'
import { countParameters } from '../general-metadata/size-label.ts'
import { readGeneralSources } from '../general-metadata/sources.ts'
import type { OpenedModel } from '../open-model.ts'
import { type BuildVocabulary, readVocabulary } from '../vocabulary.ts'
import { assemblePlan, type Placement } from './assemble-plan.ts'
import type { ConversionPlan, PlanOutput } from './conversion-plan.ts'
import { newMetadata } from './gguf-metadata.ts'
import { ggufOutputs } from './gguf-outputs.ts'
import { type ResultTensor, resultTensors } from './result-tensors.ts'
import { storedTypes } from './stored-types.ts'
import {
  asFloat32,
  type ChosenTypes,
  converterTypes,
  isConverterType,
  quantizerTypes,
  recipeFacts,
  type TypeOptions,
} from './tensor-types.ts'

export type GgufRequest = {
  /** One for each output; llama-quantize's names in any case, or `auto`. */
  readonly quants: readonly string[]
  /** Final path for a type's canonical name. */
  readonly pathFor: (type: string) => string
  readonly types?: TypeOptions
  readonly splitMaxBytes?: number
  /** Which tensors go in: all, or none for a file that holds a vocabulary only. */
  readonly content?: 'model' | 'vocabulary'
  /** Pre-tokenizer name, instead of finding it. */
  readonly pre?: string
  readonly name?: string
  /** GGUF keys and values that override what was found. */
  readonly metadataOverrides?: { readonly [key: string]: Json }
  /** How the vocabulary is made, instead of on this thread. */
  readonly buildVocabulary?: BuildVocabulary
}

export type PlannedOutput = {
  /** Canonical name of the file type, `Q4_K_M`. */
  readonly type: string
  readonly paths: readonly string[]
  /** The folder that all paths make together, for models that are one. */
  readonly folder?: string
  readonly size: number
}

export type GgufPlan = {
  readonly plan: ConversionPlan
  readonly outputs: readonly PlannedOutput[]
  readonly notices: readonly Notice[]
}

/**
 * @throws FsError when a type is unknown or cannot be made from this source, the tokenizer cannot be expressed, or a tensor does not fit
 */
export async function planGguf(model: OpenedModel, request: GgufRequest): Promise<GgufPlan> {
  const { notInGguf, architecture } = model.description
  if (notInGguf !== undefined) {
    throw convertError(
      'convert/not-in-gguf',
      `${model.checkpoint.name} cannot be a GGUF: ${notInGguf}; convert it with --to unified or huggingface`,
      {
        architecture: architecture.id,
      },
    )
  }
  const tensors = request.content === 'vocabulary' ? [] : resultTensors(model, 'gguf')
  const parts = await metadataParts(model, tensors, request)
  const outputs: PlanOutput[] = []
  const placements: Placement[] = []
  const planned: PlannedOutput[] = []
  const importance: Float32Array[] = []
  const notices: Notice[] = [...model.notices, ...parts.notices]
  for (const quant of request.quants) {
    const chosen = chooseTypes(model, tensors, quant, request.types ?? {}, importance)
    const path = request.pathFor(chosen.name)
    const made = ggufOutputs({
      path,
      metadata: parts.metadataFor(chosen),
      tensors: orderedTensors(model, tensors, chosen, request),
      firstOutput: outputs.length,
      ...(request.splitMaxBytes === undefined ? {} : { split: { maxBytes: request.splitMaxBytes } }),
    })
    planned.push({
      type: chosen.name,
      paths: made.outputs.map((output) => output.path),
      size: made.outputs.reduce((sum, output) => sum + output.size, 0),
    })
    outputs.push(...made.outputs)
    placements.push(...made.placements)
    notices.push(...chosen.notices)
  }
  return { plan: assemblePlan({ source: model.checkpoint.tensors, outputs, placements, importance }), outputs: planned, notices }
}

/** Derived tensors come first; then the converter's order, or llama-quantize's: outer tensors by name, then layer by layer. */
function orderedTensors(model: OpenedModel, tensors: readonly ResultTensor[], chosen: ChosenTypes, request: GgufRequest) {
  const derived =
    request.content === 'vocabulary' ? [] : model.description.derivedTensors.map((tensor) => ({ kind: 'derived' as const, tensor }))
  const results = tensors.map((tensor) => {
    const { type, importance } = chosen.types.get(tensor.name)!
    return { kind: 'result' as const, tensor, type, ...(importance === undefined ? {} : { importance }) }
  })
  const all = [...derived, ...results]
  return chosen.order === 'source' ? all : all.sort((left, right) => compareTensorNames(left.tensor.name, right.tensor.name))
}

function chooseTypes(
  model: OpenedModel,
  tensors: readonly ResultTensor[],
  quant: string,
  options: TypeOptions,
  importance: Float32Array[],
): ChosenTypes {
  if (isConverterType(quant, options)) {
    const stored = quant.toLowerCase() === 'auto' ? storedTypes(tensors) : undefined
    return stored ?? converterTypes(tensors, quant)
  }
  return quantizerTypes(recipeFacts(model), asFloat32(tensors), quant, options, importance)
}

type MetadataParts = {
  readonly metadataFor: (chosen: ChosenTypes) => ReadonlyMap<string, MetadataValue>
  readonly notices: readonly Notice[]
}

async function metadataParts(model: OpenedModel, tensors: readonly ResultTensor[], request: GgufRequest): Promise<MetadataParts> {
  const derived = model.description.derivedTensors.map(({ name, values }) => ({ name, shape: [values.length] }))
  const parameters = countParameters([...derived, ...tensors])
  const general =
    model.form === 'gguf'
      ? storedGeneral(model, request)
      : generalMetadata({ ...(await readGeneralSources(model.checkpoint, request)), parameters })
  const vocabulary = await readVocabulary(model, request.pre, request.buildVocabulary)
  return {
    metadataFor: (chosen) =>
      newMetadata({
        model,
        general,
        vocabulary: vocabulary.entries,
        importance: request.types?.importance?.metadata ?? [],
        fileType: chosen.fileType,
        writer: chosen.order === 'source' ? 'converter' : 'quantizer',
      }),
    notices: vocabulary.notices,
  }
}

/** Keys that the writer sets itself. */
const OWN_KEYS = new Set(['general.architecture', 'general.file_type', 'general.quantization_version', 'general.alignment'])

/** What a GGUF says of itself goes into the file made of it. */
function storedGeneral({ checkpoint }: OpenedModel, { name }: GgufRequest): readonly (readonly [string, MetadataValue])[] {
  const stored = [...(checkpoint.metadata ?? [])].filter(([key]) => key.startsWith('general.') && !OWN_KEYS.has(key))
  return name === undefined ? stored : [...new Map([...stored, ['general.name', { type: 'STRING', value: name }] as const])]
}
