// The sentences about single weights that cannot be encoded, and how such an error learns its place in a tensor.
// Errors about whole buffers are thrown where the buffers are checked.
import { FsError, type GgmlType } from '@fs/core'
import { quantError } from './errors.ts'

/** Where an array of numbers lies in a tensor: `tensor` is its name, `start` the index of the array's first number in it. */
export type Origin = { readonly tensor?: string; readonly rowLength: number; readonly start: number }

type WeightCode = 'quant/not-finite' | 'quant/overflow'

const ADVICE = {
  'quant/not-finite': (type) => `${type} cannot hold it; repair the checkpoint, or keep the tensor in F32`,
  'quant/overflow': (type) =>
    `${type} would turn it into infinity, or lose it; keep the tensor in ${type === 'F16' ? 'BF16 or F32' : 'F32'}`,
} as const satisfies { readonly [code in WeightCode]: (type: string) => string }

/** The error for the weight `value`, at `index` of the array that was being encoded as `type`. */
export function weightError(code: WeightCode, type: GgmlType, index: number, value: number): FsError {
  return makeError(code, type, value, `at index ${index}`, { index })
}

/** Gives an error made by `weightError` its tensor, row and column; returns every other error as it is. */
export function locateWeightError(error: unknown, origin: Origin): unknown {
  if (!FsError.is(error) || !isWeightCode(error.code)) return error
  const { type, index: indexInArray, value } = error.details
  const index = origin.start + Number(indexInArray)
  const row = Math.floor(index / origin.rowLength)
  const column = index % origin.rowLength
  const place = `at row ${row}, column ${column} of ${origin.tensor === undefined ? 'the tensor' : `tensor '${origin.tensor}'`}`
  const named = origin.tensor === undefined ? {} : { tensor: origin.tensor }
  return makeError(error.code, String(type), Number(value), place, { ...named, index, row, column })
}

function isWeightCode(code: string): code is WeightCode {
  return Object.hasOwn(ADVICE, code)
}

function makeError(code: WeightCode, type: string, value: number, place: string, details: { readonly [key: string]: string | number }) {
  return quantError(code, `The weight ${value} ${place} does not fit: ${ADVICE[code](type)}.`, { type, value, ...details })
}
