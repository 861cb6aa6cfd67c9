// Levels packed into 32-bit words, as computed tensors with the shape the levels have.
import { convertError } from '../../errors.ts'
import type { ComputedTensor, SourceTensor } from '../../source-tensor.ts'

export type Packing = {
  readonly bits: number
  readonly along: 'rows' | 'columns'
  readonly unitWords: number
  readonly unitLevels: number
  readonly order?: readonly number[]
  readonly offset?: number
  readonly wraps?: boolean
}

/** Levels one behind the other through whole words, those of odd widths across the words' borders. */
export function continuous(bits: number): Pick<Packing, 'bits' | 'unitWords' | 'unitLevels'> {
  return 32 % bits === 0 ? { bits, unitWords: 1, unitLevels: 32 / bits } : { bits, unitWords: bits, unitLevels: 32 }
}

/** Widths that levels may have. */
export const isLevelWidth = (bits: unknown): bits is number => typeof bits === 'number' && [2, 3, 4, 5, 6, 7, 8].includes(bits)

/**
 * @param shape of the levels; the words have to hold exactly these, rounded up to whole units
 * @throws FsError `convert/quantized-shape`
 */
export function unpacked(words: SourceTensor, shape: readonly [number, number], packing: Packing): ComputedTensor {
  const { bits, along, unitWords, unitLevels, order = null, offset = 0, wraps = false } = packing
  const packed = (levels: number) => Math.ceil(levels / unitLevels) * unitWords
  const expected = along === 'rows' ? [packed(shape[0]), shape[1]] : [shape[0], packed(shape[1])]
  const isWords = words.type === 'I32' || words.type === 'U32'
  if (!isWords || words.shape.join() !== expected.join()) {
    throw convertError(
      'convert/quantized-shape',
      `tensor ${words.name} is ${words.type} [${words.shape.join(', ')}], but ${bits}-bit levels of [${shape.join(', ')}] take 32-bit words [${expected.join(', ')}]; the checkpoint is damaged`,
      { tensor: words.name },
    )
  }
  return {
    name: words.name,
    type: 'F32',
    shape,
    formula: { kind: 'unpacked', bits, along, unitWords, unitLevels, order, offset, wraps },
    operands: [words],
  }
}
