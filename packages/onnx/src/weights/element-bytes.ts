// Float32 numbers as the little-endian bytes of a graph's element type.
import { floatToHalf } from '@fs/quant/floats'
import { onnxError } from '../errors.ts'
import type { ElementType } from '../graph/element-types.ts'

/**
 * Shares memory with `values` where nothing has to change; every machine that runs JavaScript engines today is little-endian.
 * @throws FsError `onnx/weight-type` for an element type that is no float
 */
export function elementBytes(type: ElementType, values: Float32Array): Uint8Array {
  switch (type) {
    case 'float32':
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    case 'float16': {
      const halves = new Uint16Array(values.length)
      for (let index = 0; index < values.length; index++) halves[index] = floatToHalf(values[index]!)
      return new Uint8Array(halves.buffer)
    }
    case 'uint8':
    case 'int32':
    case 'int64':
    case 'bool':
      throw onnxError('onnx/weight-type', `weights cannot become ${type}`, { type })
    default:
      return type satisfies never
  }
}
