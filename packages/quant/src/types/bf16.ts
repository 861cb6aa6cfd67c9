// BF16: the upper half of a float32, little-endian, as a tensor type.
// An infinity or NaN in the source stays one; a finite number never becomes infinite in silence.
import { checkLengths } from '../block-checks.ts'
import type { BlockType } from '../block-type.ts'
import { BFLOAT16_INFINITY } from '../floats/bfloat16.ts'
import { floatBitsView, uint16View } from '../floats/views.ts'
import { weightError } from '../weight-errors.ts'

export const bf16: BlockType = {
  type: 'BF16',
  blockSize: 1,
  blockBytes: 2,
  importance: 'ignored',
  halves: [0],
  hasWideIntegers: false,
  hasMinimums: false,
  dequantize(source, destination) {
    checkLengths('BF16', destination.length, source.length)
    const words = uint16View(source)
    const bits = floatBitsView(destination)
    for (let index = 0; index < words.length; index++) bits[index] = words[index]! << 16
  },
  quantize(source, destination) {
    checkLengths('BF16', source.length, destination.length)
    const bits = floatBitsView(source)
    for (let index = 0; index < bits.length; index++) {
      const word = bits[index]!
      const magnitude = word & 0x7fffffff
      // The same rounding as floatToBfloat16, without a call per number.
      const rounded = magnitude > 0x7f800000 ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
      if ((rounded & 0x7fff) === BFLOAT16_INFINITY && magnitude !== 0x7f800000)
        throw weightError('quant/overflow', 'BF16', index, source[index]!)
      destination[2 * index] = rounded
      destination[2 * index + 1] = rounded >>> 8
    }
  },
}
