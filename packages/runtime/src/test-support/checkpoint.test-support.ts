// Opens checkpoints for tests: description and weights of a folder or a GGUF file, whole tensors at a time.
// Not the reader a user's model goes through: that one works in bands and is part of conversion.
import { bindWeights, type Description, ggufView, huggingFaceView } from '@fs/arch'
import { compileChain } from '@fs/arch/rows'
import { inverseChain } from '@fs/arch/transforms'
import type { Checkpoint, TensorInfo } from '@fs/core'
import { openPath } from '@fs/formats/node'
import type { WeightReader } from '@fs/onnx'
import { BLOCK_TYPES, isBlockType } from '@fs/quant/block-types'
import { architectureOfGguf, architectureOfHuggingFace } from '@fs/registry'

export type OpenedFixture = { readonly description: Description; readonly weights: WeightReader; close(): Promise<void> }

type Rows = { readonly type: TensorInfo['type']; readonly bytes: Uint8Array; readonly rowBytes: number }

/** Opens a folder or a file on disk. */
export async function openModelPath(path: string): Promise<OpenedFixture> {
  const checkpoint = await openPath(path)
  const shapes = new Map([...checkpoint.tensors.tensors].map(([name, tensor]) => [name, tensor.shape]))
  const { description, form } = await describe(checkpoint, shapes)
  const bound = bindWeights(description, form, shapes)
  const readCanonical = async (name: string): Promise<Rows> => {
    const weight = bound.find(({ row }) => row.canonical.includes(name))
    if (weight === undefined) throw new Error(`no weight ${name}`)
    const stored = weight.stored.map((tensor) => checkpoint.tensors.tensors.get(tensor)!)
    const output = compileChain(
      inverseChain(weight.store),
      stored.map((tensor) => tensor.shape),
    )[weight.row.canonical.indexOf(name)]!
    const type = stored[0]!.type
    const data = await Promise.all(stored.map((tensor) => readTensor(checkpoint, tensor)))
    if (output.add !== 0 || output.transposed) {
      const values = floats(type, data[0]!)
      const result = new Float32Array(output.rows * output.rowLength)
      const width = stored[0]!.shape.at(-1)!
      for (let row = 0; row < output.rows; row++) {
        const from = output.source(row).row
        for (let column = 0; column < output.rowLength; column++) {
          const index = output.transposed ? column * width + from : from * output.rowLength + column
          result[row * output.rowLength + column] = values[index]! + output.add
        }
      }
      return { type: 'F32', bytes: new Uint8Array(result.buffer), rowBytes: output.rowLength * 4 }
    }
    const rowsIn = stored[0]!.shape.length === 1 ? stored[0]!.shape[0]! : stored[0]!.shape.slice(0, -1).reduce((a, b) => a * b, 1)
    const rowBytes = data[0]!.length / rowsIn
    const bytes = new Uint8Array(output.rows * rowBytes)
    for (let row = 0; row < output.rows; row++) {
      const source = output.source(row)
      bytes.set(data[source.input]!.subarray(source.row * rowBytes, (source.row + 1) * rowBytes), row * rowBytes)
    }
    return { type, bytes, rowBytes }
  }
  let last: { name: string; rows: Rows } | null = null
  const typeOf = (name: string) => {
    const weight = bound.find(({ row }) => row.canonical.includes(name))
    if (weight === undefined) throw new Error(`no weight ${name}`)
    const changed = weight.store.some((transform) => transform.kind === 'add' || transform.kind === 'transpose')
    return changed ? 'F32' : checkpoint.tensors.tensors.get(weight.stored[0]!)!.type
  }
  return {
    description,
    weights: {
      typeOf,
      read: async (name, firstRow, rows) => {
        if (last?.name !== name) last = { name, rows: await readCanonical(name) }
        const { type, bytes, rowBytes } = last.rows
        return { type, bytes: bytes.subarray(firstRow * rowBytes, (firstRow + rows) * rowBytes) }
      },
    },
    close: () => checkpoint.close(),
  }
}

async function describe(checkpoint: Checkpoint, shapes: ReadonlyMap<string, readonly number[]>) {
  if (checkpoint.metadata === undefined) {
    const view = huggingFaceView(checkpoint.config!, shapes)
    return { description: architectureOfHuggingFace(checkpoint.config!).fromHuggingFace(view), form: 'huggingFace' as const }
  }
  const values = new Map<string, Float32Array>()
  for (const name of ['rope_freqs.weight', 'rope_factors_long.weight', 'rope_factors_short.weight']) {
    const tensor = checkpoint.tensors.tensors.get(name)
    if (tensor !== undefined) values.set(name, floats(tensor.type, await readTensor(checkpoint, tensor)))
  }
  const view = ggufView(checkpoint.metadata, shapes, values)
  return { description: architectureOfGguf(view).fromGguf(view), form: 'gguf' as const }
}

async function readTensor(checkpoint: Checkpoint, tensor: TensorInfo): Promise<Uint8Array> {
  if (tensor.strides !== undefined) throw new Error(`${tensor.name} is strided`)
  return checkpoint.tensors.files[tensor.file]!.read(tensor.offset, tensor.byteLength)
}

function floats(type: TensorInfo['type'], bytes: Uint8Array): Float32Array {
  if (!isBlockType(type)) throw new Error(`${type} is no block type`)
  const codec = BLOCK_TYPES[type]
  const values = new Float32Array((bytes.length / codec.blockBytes) * codec.blockSize)
  codec.dequantize(bytes, values)
  return values
}
