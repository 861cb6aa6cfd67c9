// Gathers a tensor's elements in row-major order, slowly and plainly, to hold readers against what PyTorch reads.
import { DTYPES, type Dtype, elementCount, type TensorSource } from '@fs/core'

/** The bytes of a tensor as if it were contiguous. */
export async function contiguousBytes(source: TensorSource, name: string): Promise<Uint8Array> {
  const { file, offset, byteLength, shape, strides, type } = source.tensors.get(name)!
  const bytes = await source.files[file]!.read(offset, byteLength)
  if (strides === undefined) return bytes
  const width = DTYPES[type as Dtype].bytes
  const result = new Uint8Array(elementCount(shape) * width)
  for (let element = 0; element < elementCount(shape); element++) {
    let rest = element
    let from = 0
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      from += (rest % shape[dimension]!) * strides[dimension]!
      rest = Math.floor(rest / shape[dimension]!)
    }
    result.set(bytes.subarray(from * width, (from + 1) * width), element * width)
  }
  return result
}
