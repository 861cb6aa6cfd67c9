// Small integers out of 32-bit words, along rows or along columns. What they stand for is the next formula's business.
import type { ComputedInput } from '../../plan/conversion-plan.ts'
import type { Formula } from '../../plan/formula.ts'
import { type Columns, matrixOf, type OperandReader } from './operand-reader.ts'

type Unpacked = Extract<Formula, { kind: 'unpacked' }>

/** Where a level's bits begin within its unit: the word, and the bit within it. */
type Place = { readonly word: number; readonly bit: number }

export async function unpackedRows(
  formula: Unpacked,
  input: ComputedInput,
  start: number,
  count: number,
  columns: Columns,
  read: OperandReader,
): Promise<Float32Array> {
  const width = columns.to - columns.from
  const packed = input.operands[0]!
  const packedRow = matrixOf(packed.shape).rowLength
  const places = placesOf(formula)
  const values = new Float32Array(count * width)
  if (formula.along === 'columns') {
    const words = wordsOf(await read.bytes(packed, start, count))
    for (let row = 0; row < count; row++) {
      for (let column = columns.from, to = row * width; column < columns.to; column++, to++) {
        const { word, bit } = places[column % formula.unitLevels]!
        const at = row * packedRow + Math.floor(column / formula.unitLevels) * formula.unitWords + word
        values[to] = levelAt(words, at, 1, bit, formula)
      }
    }
    return values
  }
  const firstUnit = Math.floor(start / formula.unitLevels)
  const units = Math.floor((start + count - 1) / formula.unitLevels) - firstUnit + 1
  const words = wordsOf(await read.bytes(packed, firstUnit * formula.unitWords, units * formula.unitWords))
  for (let row = 0; row < count; row++) {
    const { word, bit } = places[(start + row) % formula.unitLevels]!
    const wordRow = (Math.floor((start + row) / formula.unitLevels) - firstUnit) * formula.unitWords + word
    for (let column = columns.from, to = row * width; column < columns.to; column++, to++)
      values[to] = levelAt(words, wordRow * packedRow + column, packedRow, bit, formula)
  }
  return values
}

/** @param step from a word to the next of its unit, for levels that lie across two */
function levelAt(words: Uint32Array, at: number, step: number, bit: number, { bits, offset, wraps }: Unpacked): number {
  const low = words[at]! >>> bit
  const mask = 2 ** bits - 1
  const level = (bit + bits > 32 ? low | (words[at + step]! << (32 - bit)) : low) & mask
  return wraps ? (level + offset) & mask : level + offset
}

function placesOf({ unitLevels, order, bits }: Unpacked): readonly Place[] {
  return Array.from({ length: unitLevels }, (_, level) => {
    const from = (order?.[level] ?? level) * bits
    return { word: Math.floor(from / 32), bit: from % 32 }
  })
}

/** Little-endian words; copied where they do not lie on a multiple of four. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
}
