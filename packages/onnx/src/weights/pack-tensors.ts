// Fills initializers: canonical weights in, the bytes the graph's recipes ask for out.
// One tensor at a time; nothing is kept but the scales of a blocked weight until its neighbours have them.

import { plainRowCodec, type RowCodec } from '@fs/quant'
import type { MatMulNBitsArrays } from '@fs/quant/matmulnbits'
import { onnxError } from '../errors.ts'
import { rotaryTable } from '../model/rotary.ts'
import { blockArrays } from './blocks/block-arrays.ts'
import { roundedArrays } from './blocks/rounded-arrays.ts'
import { elementBytes } from './element-bytes.ts'
import { floatRows } from './float-rows.ts'
import { type BlockFormat, type GraphTensor, graphTensorBytes, type TensorPart } from './graph-tensor.ts'
import type { WeightReader } from './weight-reader.ts'

export type PackedTensor = { readonly tensor: GraphTensor; readonly data: Uint8Array }

type ReadBlocks = (parts: readonly TensorPart[], format: BlockFormat, rowLength: number) => Promise<MatMulNBitsArrays>

/**
 * The data of each initializer in turn, little-endian, exactly `graphTensorBytes` of it; data that several share comes once.
 * @param codec decodes what is not multiplied as it is stored; the WebAssembly one is several times faster than the plain one
 * @throws FsError `onnx/weight-shape` when a weight does not have the size the graph expects, `onnx/weight-type` when its type cannot
 * take the form the graph wants, and whatever the reader throws.
 */
export async function* packTensors(
  tensors: readonly GraphTensor[],
  weights: WeightReader,
  codec: RowCodec = plainRowCodec(),
): AsyncGenerator<PackedTensor, void, undefined> {
  const readBlocks = keepLast(weights, codec)
  const packed = new Set<string>()
  for (const tensor of tensors) {
    if (packed.has(tensor.data)) continue
    packed.add(tensor.data)
    const data = await recipeData(tensor, weights, codec, readBlocks)
    const expected = graphTensorBytes(tensor)
    if (data.length !== expected) {
      throw onnxError('onnx/weight-shape', `${tensor.name} takes ${expected} bytes in the graph but its weights give ${data.length}`, {
        tensor: tensor.name,
        expected,
        actual: data.length,
      })
    }
    yield { tensor, data }
  }
}

async function recipeData(tensor: GraphTensor, weights: WeightReader, codec: RowCodec, readBlocks: ReadBlocks): Promise<Uint8Array> {
  const { recipe, shape } = tensor
  switch (recipe.kind) {
    case 'rotary':
      return elementBytes(tensor.type, rotaryTable(recipe))
    case 'rows': {
      const values = await floatRows(recipe.parts, shape.length === 1 ? 1 : shape.at(-1)!, weights, codec)
      if (recipe.add !== 0) for (let index = 0; index < values.length; index++) values[index]! += recipe.add
      return elementBytes(tensor.type, values)
    }
    case 'columns': {
      const inputs = shape[0]!
      return elementBytes(tensor.type, transpose(await floatRows(recipe.parts, inputs, weights, codec), shape[1]!, inputs))
    }
    case 'block-integers':
      return (await readBlocks(recipe.parts, recipe.format, recipe.rowLength)).integers
    case 'block-scales':
      return elementBytes(tensor.type, (await readBlocks(recipe.parts, recipe.format, recipe.rowLength)).scales)
    case 'block-minimums': {
      const [blocks, outputs] = shape
      const { addends } = await readBlocks(recipe.parts, recipe.format, recipe.rowLength)
      return elementBytes(tensor.type, transpose(addends, outputs!, blocks!))
    }
    default:
      return recipe satisfies never
  }
}

/** Integers, scales and minimums of a weight stand next to each other in a graph: reading it once serves all three. */
function keepLast(weights: WeightReader, codec: RowCodec): ReadBlocks {
  let last: { key: string; arrays: Promise<MatMulNBitsArrays> } | null = null
  return (parts, format, rowLength) => {
    const key = JSON.stringify(parts)
    if (last?.key !== key) {
      const read = format.levels === 'stored' ? blockArrays : roundedArrays
      last = { key, arrays: read(parts, format, rowLength, weights, codec) }
    }
    return last.arrays
  }
}

/** Rows and columns swapped, in squares that fit the cache. */
function transpose(source: Float32Array, rows: number, columns: number): Float32Array {
  const SQUARE = 64
  const result = new Float32Array(source.length)
  for (let rowStart = 0; rowStart < rows; rowStart += SQUARE) {
    const rowEnd = Math.min(rowStart + SQUARE, rows)
    for (let columnStart = 0; columnStart < columns; columnStart += SQUARE) {
      const columnEnd = Math.min(columnStart + SQUARE, columns)
      for (let row = rowStart; row < rowEnd; row++) {
        for (let column = columnStart; column < columnEnd; column++) result[column * rows + row] = source[row * columns + column]!
      }
    }
  }
  return result
}
