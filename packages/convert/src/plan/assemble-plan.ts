// Turns laid-out files into one plan: places every tensor's job at its offset in each output that wants it.
// The same source tensor asked for by several outputs is one job with several targets, so it is read once.
import type { TensorSource } from '@fs/core'
import { isComputed, type SourceTensor } from '../source-tensor.ts'
import type { ConversionPlan, JobInput, JobTarget, PlanOutput, PlanSource, TensorJob } from './conversion-plan.ts'
import type { ResultTensor } from './result-tensors.ts'

/** Where one result tensor goes in one output. */
export type Placement = { readonly tensor: ResultTensor; readonly target: JobTarget }

export type AssembleInput = {
  readonly source: TensorSource
  readonly outputs: readonly PlanOutput[]
  readonly placements: readonly Placement[]
  readonly importance?: readonly Float32Array[]
}

/** @returns a plan whose jobs are in the order of the first placement of each tensor */
export function assemblePlan({ source, outputs, placements, importance = [] }: AssembleInput): ConversionPlan {
  const sources: readonly PlanSource[] = source.files.map(({ name, location, size }) => ({ name, location, size }))
  const jobs = new Map<string, TensorJob & { readonly targets: JobTarget[] }>()
  for (const { tensor, target } of placements) {
    const existing = jobs.get(tensor.name)
    if (existing !== undefined) existing.targets.push(target)
    else {
      const { name, chain, part, shape } = tensor
      jobs.set(name, { tensor: name, inputs: tensor.inputs.map(jobInputOf), chain, part, shape, targets: [target] })
    }
  }
  return { sources, outputs, jobs: [...jobs.values()], importance }
}

/** A tensor as a job reads it. */
export function jobInputOf(tensor: SourceTensor): JobInput {
  if (isComputed(tensor)) {
    const { name, shape, formula, operands } = tensor
    return { tensor: name, type: 'F32', shape, formula, operands: operands.map(jobInputOf) }
  }
  return {
    tensor: tensor.name,
    source: tensor.file,
    offset: tensor.offset,
    byteLength: tensor.byteLength,
    type: tensor.type,
    shape: tensor.shape,
    ...(tensor.strides === undefined ? {} : { strides: tensor.strides }),
    ...(tensor.bigEndian ? { bigEndian: true } : {}),
  }
}
