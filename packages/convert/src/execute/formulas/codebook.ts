// Levels that are places in a small table, with a scale for each stretch of them: the 4-bit types of bitsandbytes and its packed scales.
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { type Columns, columnsOf, matrixOf, type OperandReader } from './operand-reader.ts'

type Codebook = Extract<Formula, { kind: 'codebook' }>

export async function codebookRows(
  formula: Codebook,
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const { rowLength } = matrixOf(input.shape)
  const [levels, codebook, scales] = [input.operands[0]!, input.operands[1]!, input.operands[2]!]
  const first = start * rowLength
  const length = count * rowLength
  const perByte = 8 / formula.bits
  const firstByte = Math.floor(first / perByte)
  const bytes = await read.bytes(levels, firstByte, Math.ceil((first + length) / perByte) - firstByte)
  const table = await read.rows(codebook, 0, 2 ** formula.bits)
  const firstBlock = Math.floor(first / formula.blockSize)
  const blocks = Math.floor((first + length - 1) / formula.blockSize) - firstBlock + 1
  const scaleValues = await read.rows(scales, firstBlock, blocks)
  const values = new Float32Array(length)
  for (let index = 0; index < length; index++) {
    const place = first + index
    const byte = bytes[Math.floor(place / perByte) - firstByte]!
    const level = formula.bits === 8 ? byte : place % 2 === 0 ? byte >> 4 : byte & 15
    const scale = scaleValues[Math.floor(place / formula.blockSize) - firstBlock]!
    values[index] = Math.fround(table[level]! * scale) + formula.offset
  }
  return columnsOf(values, rowLength, columns)
}
