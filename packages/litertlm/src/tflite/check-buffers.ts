// Holds the constants of a TFLite file and their scales against the tensors that look at them, and weights outside the flatbuffer against one another.
import type { FsError } from '@fs/core'
import { TENSOR_TYPES, type TensorType } from './schema.ts'
import type { StoredBuffer, StoredSubgraph, StoredTensor } from './stored.ts'

type Problem = (reason: string, offset: number) => FsError

/** What the runtime's kernels require of weights outside the flatbuffer at least; inside, the schema asks for as much. */
const LEAST_ALIGNMENT = 16

/**
 * @throws FsError what `problem` makes of the first constant that lies outside, overlaps another, is not aligned, or has another size or another
 * number of scales than its tensor
 */
export function checkBuffers(subgraphs: readonly StoredSubgraph[], buffers: readonly StoredBuffer[], size: number, problem: Problem): void {
  const outside: { offset: number; end: number }[] = []
  for (const buffer of buffers) {
    if (buffer.kind === 'empty') continue
    const { offset, byteLength } = buffer
    if (offset + byteLength > size) throw problem(`a constant of ${byteLength} bytes ends outside the file`, offset)
    if (buffer.kind !== 'outside') continue
    if (offset % LEAST_ALIGNMENT !== 0) throw problem(`a weight begins at ${offset}, which is no multiple of ${LEAST_ALIGNMENT}`, offset)
    outside.push({ offset, end: offset + byteLength })
  }
  outside.sort((a, b) => a.offset - b.offset || a.end - b.end)
  for (const [index, { offset }] of outside.entries()) {
    if (index > 0 && outside[index - 1]!.end > offset) throw problem('two weights share bytes', offset)
  }
  for (const { name, tensors } of subgraphs) {
    for (const tensor of tensors) {
      const buffer = buffers[tensor.buffer]
      const bits = (TENSOR_TYPES[tensor.type as TensorType] as { bits: number } | undefined)?.bits
      if (buffer === undefined || buffer.kind === 'empty' || bits === undefined) continue
      const wrong = scaleProblem(tensor, tensors)
      if (wrong !== undefined) throw problem(`${tensor.name} of ${name} ${wrong}`, buffer.offset)
      // In exact arithmetic: a product of dimensions can pass what a double counts.
      const wanted = (tensor.shape.reduce((product, dimension) => product * BigInt(dimension), BigInt(bits)) + 7n) / 8n
      if (wanted === BigInt(buffer.byteLength)) continue
      const shape = `${tensor.type} [${tensor.shape.join(', ')}]`
      throw problem(`${tensor.name} of ${name} is ${shape}, ${wanted} bytes, but has ${buffer.byteLength}`, buffer.offset)
    }
  }
}

/** What is wrong with the number of a constant's scales. */
function scaleProblem({ quantization, shape }: StoredTensor, tensors: readonly StoredTensor[]): string | undefined {
  if (quantization === null || quantization.kind === 'other') return undefined
  const written = `[${shape.join(', ')}]`
  if (quantization.kind === 'affine') {
    const { scales, dimension } = quantization
    return scales === 1 || scales === shape[dimension] ? undefined : `has ${scales} scales along dimension ${dimension} of ${written}`
  }
  const { scales, blockSize } = quantization
  const stored = tensors[scales]?.shape
  if (stored === undefined) return `has its scales in tensor ${scales}, which is not there`
  const wanted = [...shape.slice(0, -1), shape.at(-1)! / blockSize]
  const fits = stored.length === wanted.length && stored.every((dimension, index) => dimension === wanted[index])
  return fits ? undefined : `has scales [${stored.join(', ')}] for blocks of ${blockSize} in ${written}`
}
