// F16: IEEE 754 binary16, little-endian, as a tensor type.
// An infinity or NaN in the source stays one; a finite number never becomes infinite in silence.
import { checkLengths } from '../block-checks.ts'
import type { BlockType } from '../block-type.ts'
import { floatToHalf, HALF_INFINITY, halfToFloat } from '../floats/half.ts'
import { floatBitsView, uint16View } from '../floats/views.ts'
import { weightError } from '../weight-errors.ts'

export const f16: BlockType = {
  type: 'F16',
  blockSize: 1,
  blockBytes: 2,
  importance: 'ignored',
  halves: [0],
  hasWideIntegers: false,
  hasMinimums: false,
  dequantize(source, destination) {
    checkLengths('F16', destination.length, source.length)
    const halves = uint16View(source)
    const bits = floatBitsView(destination)
    for (let index = 0; index < halves.length; index++) {
      const half = halves[index]!
      const magnitude = half & 0x7fff
      if (magnitude >= 0x400 && magnitude < HALF_INFINITY) bits[index] = ((half & 0x8000) << 16) | ((magnitude << 13) + 0x38000000)
      else destination[index] = halfToFloat(half)
    }
  },
  quantize(source, destination) {
    checkLengths('F16', source.length, destination.length)
    const bits = floatBitsView(source)
    for (let index = 0; index < bits.length; index++) {
      const word = bits[index]!
      const magnitude = word & 0x7fffffff
      const half =
        magnitude >= 0x38800000 && magnitude < 0x477ff000 // both ends as in floatToHalf
          ? ((word >>> 16) & 0x8000) | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13)
          : floatToHalf(source[index]!)
      if ((half & 0x7fff) === HALF_INFINITY && magnitude !== 0x7f800000) throw weightError('quant/overflow', 'F16', index, source[index]!)
      destination[2 * index] = half
      destination[2 * index + 1] = half >>> 8
    }
  },
}
