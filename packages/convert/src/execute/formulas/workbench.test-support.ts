// Formulas over tensors made up in memory, and arbitrary numbers and cuts to try them with.
import { compileChain } from '@fs/arch/rows'
import { plainRowCodec } from '@fs/quant'
import fc from 'fast-check'
import type { ComputedInput, JobInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { floatRows } from '../float-rows.ts'

export const f32 = Math.fround

/** Stored tensors over memory, and reading rows of anything made from them. */
export function workbench() {
  const files: Uint8Array[] = []
  const stored = (type: 'F32' | 'I32' | 'U8' | 'I8', shape: readonly number[], values: ArrayLike<number>): JobInput => {
    const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array, I8: Int8Array } as const
    const bytes = new Uint8Array(arrays[type].from(values).buffer)
    return { tensor: `tensor ${files.length}`, source: files.push(bytes) - 1, offset: 0, byteLength: bytes.length, type, shape }
  }
  const computed = (shape: readonly number[], formula: Formula, ...operands: JobInput[]): ComputedInput => ({
    tensor: 'computed',
    type: 'F32',
    shape,
    formula,
    operands,
  })
  const rows = async (input: JobInput, start: number, end: number): Promise<readonly number[]> => {
    const readInto = async (source: number, offset: number, target: Uint8Array) =>
      target.set(files[source]!.subarray(offset, offset + target.length))
    return [...(await floatRows(compileChain([], [input.shape])[0]!, [input], start, end, plainRowCodec(), readInto))]
  }
  return { stored, computed, rows }
}

const number = fc.float({ min: -8, max: 8, noNaN: true }).map(f32)
export const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length })
export const integers = (length: number, min: number, max: number) =>
  fc.array(fc.integer({ min, max }), { minLength: length, maxLength: length })
export const cut = (rows: number) =>
  fc.tuple(fc.nat(rows - 1), fc.integer({ min: 1, max: rows })).map(([start, end]) => [Math.min(start, end - 1), end] as const)
