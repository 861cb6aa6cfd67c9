// What a conversion will do, as plain data: read these bytes, rearrange them so, encode them as this, write them there.
// Made from headers alone; the same plan gives the same bytes on one thread, on many, or resumed half-way.
import type { Transform } from '@fs/arch/transforms'
import type { ByteLocation, GgmlType, TensorType } from '@fs/core'
import type { BlockFormat } from '@fs/onnx/rows'
import type { Formula } from './formula.ts'

/** A file that is read. Its size was checked when the plan was made and is checked again before the first byte is used. */
export type PlanSource = { readonly name: string; readonly location: ByteLocation; readonly size: number }

/** A tensor that feeds a job: stored as it is, or computed from stored ones. */
export type JobInput = StoredInput | ComputedInput

export type StoredInput = {
  readonly tensor: string
  readonly source: number
  readonly offset: number
  readonly byteLength: number
  readonly type: TensorType
  readonly shape: readonly number[]
  /** In elements, for views that are not contiguous. */
  readonly strides?: readonly number[]
  readonly bigEndian?: true
}

/** Rows of float32 that a formula makes of other inputs, a few at a time. */
export type ComputedInput = {
  readonly tensor: string
  readonly type: 'F32'
  readonly shape: readonly number[]
  readonly formula: Formula
  readonly operands: readonly JobInput[]
}

/** Where a job's result goes: one for each output that wants this tensor. */
export type JobTarget = {
  readonly output: number
  readonly type: GgmlType
  readonly offset: number
  readonly byteLength: number
  /** Index into the plan's `importance`, for types that weigh their errors. */
  readonly importance?: number
  /** The rows of the result that go there, where it is not all of them: one expert's matrix of a stack. */
  readonly rows?: { readonly start: number; readonly count: number }
  /** How they lie there, where rows do not simply follow one another. */
  readonly layout?: TargetLayout
}

export type TargetLayout =
  /** Each row becomes a column of a matrix that may have more of them; `stride` is the bytes from one number of a row to its next. */
  | { readonly kind: 'columns'; readonly stride: number }
  /** ggml blocks taken apart: integers at the target's offset, scales and minimums in places of their own, minimums as columns. */
  | {
      readonly kind: 'blocks'
      readonly format: BlockFormat
      readonly floats: 'F32' | 'F16'
      readonly scales: OutputPlace
      readonly minimums: (OutputPlace & { readonly stride: number }) | null
    }

type OutputPlace = { readonly output: number; readonly offset: number }

/** One tensor of the result. */
export type TensorJob = {
  readonly tensor: string
  readonly inputs: readonly JobInput[]
  readonly chain: readonly Transform[]
  /** Which of the tensors that come out of the chain. */
  readonly part: number
  /** Shape of the result, outermost dimension first. */
  readonly shape: readonly number[]
  readonly targets: readonly JobTarget[]
}

export type PlanOutput = {
  /** Final path; meaningless to executors that do not write files. */
  readonly path: string
  readonly size: number
  /** Bytes known already: the header, computed tensors, small files. Everything no job or literal covers is zero. */
  readonly literals: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
}

export type ConversionPlan = {
  readonly sources: readonly PlanSource[]
  readonly outputs: readonly PlanOutput[]
  readonly jobs: readonly TensorJob[]
  /** Importance per input channel, shared by the jobs that name it. */
  readonly importance: readonly Float32Array[]
}

/** Whether an input's rows have to be computed. */
export function isComputedInput(input: JobInput): input is ComputedInput {
  return 'formula' in input
}
