// Where the initializers of an exported graph lie: one after the other in files beside the model, none beyond a size that old readers
// and 32-bit browsers can hold. It writes nothing.
import type { ExternalPlace } from '../graph/serialize.ts'
import { type GraphTensor, graphTensorBytes } from '../weights/graph-tensor.ts'

export type ExternalData = {
  /** Place of each initializer's data, by `GraphTensor.data`. */
  readonly places: ReadonlyMap<string, ExternalPlace>
  readonly files: readonly { readonly name: string; readonly size: number }[]
}

/** ONNX Runtime maps external data into memory where it starts on a page (64 KiB is Windows' granularity; onnx.proto asks for it). */
const LARGE_ALIGNMENT = 65536
const SMALL_ALIGNMENT = 64

/**
 * Lays data out in the order of the graph. Names of files are transformers.js's: `model.onnx_data`, `model.onnx_data_1`, …
 * @param fileName the model's own, `model.onnx`
 * @param maximumBytes of one file; a tensor larger than that gets a file of its own
 */
export function layoutExternalData(tensors: readonly GraphTensor[], fileName: string, maximumBytes: number): ExternalData {
  const places = new Map<string, ExternalPlace>()
  const files: { name: string; size: number }[] = []
  const open = (): { name: string; size: number } => {
    const file = { name: `${fileName}_data${files.length === 0 ? '' : `_${files.length}`}`, size: 0 }
    files.push(file)
    return file
  }
  let file = open()
  for (const tensor of tensors) {
    if (places.has(tensor.data)) continue
    const bytes = graphTensorBytes(tensor)
    let offset = align(file.size, bytes)
    if (offset > 0 && offset + bytes > maximumBytes) {
      file = open()
      offset = 0
    }
    places.set(tensor.data, { location: file.name, offset })
    file.size = offset + bytes
  }
  return { places, files }
}

function align(size: number, bytes: number): number {
  const alignment = bytes >= LARGE_ALIGNMENT ? LARGE_ALIGNMENT : SMALL_ALIGNMENT
  return Math.ceil(size / alignment) * alignment
}
