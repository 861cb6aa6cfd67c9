// Plans GGUF to GGUF: what llama-quantize does, and copies. It needs no architecture, only names, shapes and a few counts,
// so it works on models this toolkit does not otherwise know.
import type { Notice } from '@fs/arch'
import { type Checkpoint, type GgmlType, isGgmlType, type MetadataValue, type TensorInfo } from '@fs/core'
import { compareTensorNames, pruneLayers } from '@fs/quant/recipes'
import { convertError } from '../errors.ts'
import { assemblePlan, type Placement } from './assemble-plan.ts'
import type { PlanOutput } from './conversion-plan.ts'
import { copiedMetadata, type MetadataEntries } from './gguf-metadata.ts'
import { ggufOutputs } from './gguf-outputs.ts'
import type { GgufPlan, PlannedOutput } from './plan-gguf.ts'
import { type ChosenTypes, quantizerTypes, type TypeOptions } from './tensor-types.ts'

export type RequantizeRequest = {
  /** llama-quantize's names in any case, or `auto` and `copy` for the types as they are. */
  readonly quants: readonly string[]
  readonly pathFor: (type: string) => string
  readonly types?: TypeOptions
  /** `keep`: parts as the source has them; else one file, or parts of at most so many bytes. */
  readonly split?: 'keep' | { readonly maxBytes: number } | { readonly maxTensors: number }
  /** Metadata entries to set (`--override-kv`). */
  readonly overrides?: MetadataEntries
  /** Layers to leave out (`--prune-layers`). */
  readonly pruneLayers?: readonly number[]
}

/** @throws FsError when the source is no GGUF, a type is unknown, or a tensor may not change its type */
export function planRequantize(checkpoint: Checkpoint, request: RequantizeRequest): GgufPlan {
  const { metadata } = checkpoint
  if (metadata === undefined || checkpoint.container !== 'gguf') {
    throw convertError('convert/not-gguf', `${checkpoint.name} is no GGUF file; convert it first`, { file: checkpoint.name })
  }
  const pruned = withoutLayers([...checkpoint.tensors.tensors.values()], metadata, request.pruneLayers ?? [])
  const outputs: PlanOutput[] = []
  const placements: Placement[] = []
  const planned: PlannedOutput[] = []
  const importance: Float32Array[] = []
  const notices: Notice[] = []
  for (const quant of request.quants) {
    // The rules count the layers there were (`n_layer` of the loaded model, llama-quant.cpp), whatever is left of them.
    const chosen = chooseTypes(checkpoint.name, metadata, pruned.tensors, quant, request, importance)
    const made = ggufOutputs({
      path: request.pathFor(chosen.name),
      metadata: copiedMetadata(metadata, chosen.fileType, [
        ...(request.types?.importance?.metadata ?? []),
        ...(request.overrides ?? []),
        ...pruned.overrides,
      ]),
      tensors: ordered(pruned.tensors, chosen, request).map((tensor) => resultOf(tensor, chosen)),
      firstOutput: outputs.length,
      ...splitOf(pruned.tensors, request),
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
  return { plan: assemblePlan({ source: checkpoint.tensors, outputs, placements, importance }), outputs: planned, notices }
}

/** A stored tensor under the name it will have. */
type PrunedTensor = { readonly name: string; readonly stored: TensorInfo }

type Pruned = { readonly tensors: readonly PrunedTensor[]; readonly overrides: MetadataEntries }

function withoutLayers(tensors: readonly TensorInfo[], metadata: ReadonlyMap<string, MetadataValue>, layers: readonly number[]): Pruned {
  if (layers.length === 0) return { tensors: tensors.map((stored): PrunedTensor => ({ name: stored.name, stored })), overrides: [] }
  const pruned = pruneLayers(
    tensors.map(({ name }) => name),
    layers,
  )
  const kept = tensors.flatMap((stored): readonly PrunedTensor[] => {
    const name = pruned.names.get(stored.name)
    return name === undefined ? [] : [{ name, stored }]
  })
  const counted = [`${architectureOf(metadata)}.block_count`, { type: 'UINT32', value: pruned.layers }] as const
  return { tensors: kept, overrides: [counted] }
}

function architectureOf(metadata: ReadonlyMap<string, MetadataValue>): string {
  const architecture = metadata.get('general.architecture')
  return architecture?.type === 'STRING' ? architecture.value : ''
}

function ordered(tensors: readonly PrunedTensor[], chosen: ChosenTypes, request: RequantizeRequest): readonly PrunedTensor[] {
  // Parts that are kept hold the tensors they held, in their order.
  if (chosen.order === 'source' || request.split === 'keep') return tensors
  return [...tensors].sort((left, right) => compareTensorNames(left.name, right.name))
}

function resultOf({ name, stored }: PrunedTensor, chosen: ChosenTypes) {
  const { type, importance } = chosen.types.get(name)!
  const tensor = { name, shape: stored.shape, inputs: [stored], chain: [], part: 0 }
  return { kind: 'result' as const, tensor, type, ...(importance === undefined ? {} : { importance }) }
}

function splitOf(tensors: readonly PrunedTensor[], { split }: RequantizeRequest) {
  if (split === undefined) return {}
  if (split !== 'keep') return { split }
  const files = tensors.map(({ stored }) => stored.file)
  return new Set(files).size > 1 ? { split: { parts: files } } : {}
}

function chooseTypes(
  file: string,
  metadata: ReadonlyMap<string, MetadataValue>,
  tensors: readonly PrunedTensor[],
  quant: string,
  request: RequantizeRequest,
  importance: Float32Array[],
): ChosenTypes {
  if (quant.toLowerCase() === 'auto' || quant.toLowerCase() === 'copy') return copiedTypes(metadata, tensors)
  const name = architectureOf(metadata)
  const count = (key: string) => firstNumber(metadata.get(`${name}.${key}`))
  const layers = count('block_count')
  const headCount = count('attention.head_count')
  if (layers === undefined || headCount === undefined) {
    throw convertError(
      'convert/no-configuration',
      `${file} has no ${name}.block_count or ${name}.attention.head_count, which the rules for ${quant} need; use --pure with --tensor-type, or copy`,
      { file },
    )
  }
  const facts = {
    architecture: name,
    layers,
    headCount,
    headCountKv: count('attention.head_count_kv') ?? headCount,
    expertCount: count('expert_count') ?? 0,
  }
  const recipeTensors = tensors.map(({ name: tensor, stored }) => ({ name: tensor, shape: stored.shape, type: storedType(stored) }))
  return quantizerTypes(facts, recipeTensors, quant, withStoredNames(request.types ?? {}, tensors), importance)
}

/** An importance matrix knows the tensors by the names they had before layers were left out (`remap_imatrix`, llama-quant.cpp). */
function withStoredNames(types: TypeOptions, tensors: readonly PrunedTensor[]): TypeOptions {
  const { importance } = types
  if (importance === undefined) return types
  const storedNames = new Map(tensors.map(({ name, stored }) => [name, stored.name]))
  return { ...types, importance: { ...importance, weightsFor: (name, shape) => importance.weightsFor(storedNames.get(name)!, shape) } }
}

/** A key that holds one number, or one for each layer. */
function firstNumber(value: MetadataValue | undefined): number | undefined {
  if (value === undefined || value.type === 'STRING' || value.type === 'BOOL') return undefined
  if (value.type !== 'ARRAY') return Number(value.value)
  const [first] = Array.from(value.value as ArrayLike<unknown>)
  return typeof first === 'number' || typeof first === 'bigint' ? Number(first) : undefined
}

/** The types as they are. */
function copiedTypes(metadata: ReadonlyMap<string, MetadataValue>, tensors: readonly PrunedTensor[]): ChosenTypes {
  const declared = metadata.get('general.file_type')
  const types = new Map(tensors.map(({ name, stored }) => [name, { type: storedType(stored) }]))
  return { name: 'copy', fileType: declared?.type === 'UINT32' ? declared.value : 0, types, order: 'source', notices: [] }
}

function storedType({ type }: TensorInfo): GgmlType {
  return isGgmlType(type) ? type : 'F32'
}
