// Plans a GGUF of at most a given size: types are chosen tensor by tensor from what each would lose, measured on the weights themselves.
// The result is an ordinary plan with a type named for every tensor; nothing else about planning changes.
import { type ByteSource, GGML_TYPES, type GgmlType } from '@fs/core'
import type { RowCodec } from '@fs/quant'
import {
  type BudgetCandidate,
  type BudgetChoice,
  chooseWithinBudget,
  type FileType,
  parseRecipe,
  type RecipeOptions,
  recipeJson,
} from '@fs/quant/recipes'
import { bytesOf, rowsOf } from '../execute/bands.ts'
import type { ReadInto } from '../execute/read-rows.ts'
import type { TensorJob } from '../plan/conversion-plan.ts'
import type { GgufPlan } from '../plan/plan-gguf.ts'
import type { TypeOptions } from '../plan/tensor-types.ts'
import { measureCandidates } from './measure-error.ts'
import { sensitivityOf } from './sensitivity.ts'

/** Bytes of all files together, or bits for each weight over the data of all tensors, as llama-quantize counts them. */
export type Budget = { readonly kind: 'bytes'; readonly bytes: number } | { readonly kind: 'bits'; readonly bits: number }

export type BudgetRequest = {
  readonly budget: Budget
  /** Makes a plan with one output. */
  readonly plan: (fileType: FileType, types: TypeOptions) => GgufPlan | Promise<GgufPlan>
  /** Types the user named stay as they are, and only the others are chosen. */
  readonly types: TypeOptions
  /** In the plan's order. */
  readonly sources: readonly ByteSource[]
  readonly codec: RowCodec
  readonly onProgress?: (measured: number, tensors: number) => void
}

/** Errors are shares of noise, times the tensor's sensitivity. */
export type BudgetPlanChoice = BudgetChoice & { readonly elements: number; readonly sensitivity: number }

export type BudgetPlan = {
  readonly planned: GgufPlan
  readonly choices: readonly BudgetPlanChoice[]
  /** The same types as a recipe file, for other runs. */
  readonly recipe: ReturnType<typeof recipeJson>
  /** Bits for each weight, over all tensors. */
  readonly bits: number
}

/** A file type that quantizes whatever can be: only to learn which tensors those are, and what the rest takes. */
const PROBE: FileType = 'Q4_0'

/**
 * @throws FsError `recipe/budget` when the smallest types do not fit, `quant/not-finite` when a sampled weight is, and what planning and reading throw
 */
export async function planWithinBudget(request: BudgetRequest): Promise<BudgetPlan> {
  const { budget, types, sources, codec } = request
  const probe = await request.plan(PROBE, types)
  const { jobs } = probe.plan
  const free = jobs.flatMap((job, index) => (isFree(job, jobs, types) ? [index] : []))
  const readInto: ReadInto = async (source, offset, target) => target.set(await sources[source]!.read(offset, target.length))
  const names = new Set(jobs.map(({ tensor }) => tensor))
  const measured: { readonly name: string; readonly candidates: readonly BudgetCandidate[] }[] = []
  for (const index of free) {
    const { tensor: name } = jobs[index]!
    const candidates = await measureCandidates({ plan: probe.plan, codec, readInto }, index)
    const sensitivity = sensitivityOf(name, names)
    measured.push({ name, candidates: candidates.map((candidate) => ({ ...candidate, error: candidate.error * sensitivity })) })
    request.onProgress?.(measured.length, free.length)
  }
  const elements = new Map(jobs.map((job) => [job.tensor, elementsOf(job)]))
  const probedBytes = free.reduce((sum, index) => sum + jobs[index]!.targets[0]!.byteLength, 0)
  let taken = spentBytes(budget, probe) - probedBytes
  for (;;) {
    const choices = chooseWithinBudget(measured, limitOf(budget, probe), taken)
    const chosenTypes = choices.map(({ name, chosen }) => [name, chosen.type] as const)
    const recipe = recipeJson(fileTypeOf(chosenTypes, elements), chosenTypes)
    const { fileType, options } = parseRecipe(JSON.stringify(recipe), 'the chosen types')
    const tensorTypes = [...(types.tensorTypes ?? []), ...(options.tensorTypes ?? [])] satisfies RecipeOptions['tensorTypes']
    const planned = await request.plan(fileType, { ...types, tensorTypes })
    const excess = spentBytes(budget, planned) - limitOf(budget, planned)
    // Tensors begin at multiples of the file's alignment, so a file can be a little larger than its parts.
    if (excess > 0) taken += excess
    else {
      const all = choices.map((choice) => ({
        ...choice,
        elements: elements.get(choice.name)!,
        sensitivity: sensitivityOf(choice.name, names),
      }))
      return { planned, choices: all, recipe, bits: bitsPerWeight(planned) }
    }
  }
}

/** Whether a tensor can be quantized and nobody said what to. */
function isFree({ tensor, targets }: TensorJob, jobs: readonly TensorJob[], types: TypeOptions): boolean {
  if (GGML_TYPES[targets[0]!.type].blockSize === 1) return false
  if (types.tensorTypes?.some(({ pattern }) => tensor.search(pattern) >= 0)) return false
  if (tensor === 'output.weight') return types.outputTensorType === undefined
  if (tensor !== 'token_embd.weight' && tensor !== 'per_layer_token_embd.weight') return true
  if (types.tokenEmbeddingType !== undefined) return false
  return types.outputTensorType === undefined || jobs.some((job) => job.tensor === 'output.weight')
}

function elementsOf({ shape }: TensorJob): number {
  const { rows, rowLength } = rowsOf(shape)
  return rows * rowLength
}

/** What a plan spends of the budget's kind of bytes. */
function spentBytes(budget: Budget, { plan, outputs }: GgufPlan): number {
  return budget.kind === 'bytes' ? outputs.reduce((sum, output) => sum + output.size, 0) : tensorBytes(plan.jobs)
}

function limitOf(budget: Budget, { plan }: GgufPlan): number {
  if (budget.kind === 'bytes') return budget.bytes
  return Math.floor((budget.bits * plan.jobs.reduce((sum, job) => sum + elementsOf(job), 0)) / 8)
}

function bitsPerWeight({ plan }: GgufPlan): number {
  return (8 * tensorBytes(plan.jobs)) / plan.jobs.reduce((sum, job) => sum + elementsOf(job), 0)
}

function tensorBytes(jobs: readonly TensorJob[]): number {
  return jobs.reduce((sum, job) => sum + bytesOf(job.targets[0]!.type, elementsOf(job)), 0)
}

/** File types that most of a file's weights may make it; every other type counts as Q8_0, since a file type of plain numbers has no mixture. */
const FILE_TYPES_BY_TENSOR_TYPE: { readonly [Type in GgmlType]?: FileType } = {
  Q2_K: 'Q2_K',
  Q3_K: 'Q3_K_M',
  Q4_K: 'Q4_K_M',
  Q5_K: 'Q5_K_M',
  Q6_K: 'Q6_K',
  IQ2_XXS: 'IQ2_XXS',
  IQ2_XS: 'IQ2_XS',
  IQ2_S: 'IQ2_M',
  IQ3_XXS: 'IQ3_XXS',
  IQ3_S: 'IQ3_M',
  IQ4_XS: 'IQ4_XS',
  IQ4_NL: 'IQ4_NL',
  Q4_0: 'Q4_0',
  Q4_1: 'Q4_1',
  Q5_0: 'Q5_0',
  Q5_1: 'Q5_1',
}

/** What `general.file_type` will say: a single number for a mixture, so that of the type most weights have. */
function fileTypeOf(types: readonly (readonly [string, GgmlType])[], elements: ReadonlyMap<string, number>): FileType {
  const counts = new Map<GgmlType, number>()
  for (const [name, type] of types) counts.set(type, (counts.get(type) ?? 0) + elements.get(name)!)
  const [most] = [...counts].sort(([left, more], [right, count]) => count - more || (left < right ? -1 : 1))
  return (most === undefined ? undefined : FILE_TYPES_BY_TENSOR_TYPE[most[0]]) ?? 'Q8_0'
}
