// F32: the numbers themselves, little-endian.
// Values are not judged here: infinities and NaNs pass through.
import { checkLengths } from '../block-checks.ts'
import type { BlockType } from '../block-type.ts'
import { floatBytesView } from '../floats/views.ts'

export const f32: BlockType = {
  type: 'F32',
  blockSize: 1,
  blockBytes: 4,
  importance: 'ignored',
  halves: [],
  hasWideIntegers: false,
  hasMinimums: false,
  dequantize(source, destination) {
    checkLengths('F32', destination.length, source.length)
    floatBytesView(destination).set(source)
  },
  quantize(source, destination) {
    checkLengths('F32', source.length, destination.length)
    destination.set(floatBytesView(source))
  },
}
