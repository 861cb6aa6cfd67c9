// The weights of two models, tensor by tensor, as floats in canonical layout: how much each lost, and whether its type explains that.
// A few rows are held at a time.
import { canonicalTensors, type ModelSpec } from '@fs/arch'
import type { TensorType } from '@fs/core'
import { plainRowCodec, type RowCodec } from '@fs/quant'
import { type ErrorFigures, errorSums } from '../comparison/error-sums.ts'
import { expectedError } from './expected-error.ts'

/** Canonical weights, some rows at a time; `modelWeights` of `@fs/convert`. */
export type WeightSource = {
  typeOf(name: string): TensorType
  read(name: string, firstRow: number, rows: number): Promise<{ readonly type: TensorType; readonly bytes: Uint8Array }>
}

export type WeightDifference = Pick<ErrorFigures, 'relativeError' | 'largestDifference' | 'cosine'> & {
  readonly tensor: string
  readonly referenceType: TensorType
  readonly candidateType: TensorType
  /** The largest relative error the two types explain. */
  readonly expected: number
  readonly departs: boolean
}

/** Numbers of a tensor that are decoded together. */
const BAND_VALUES = 1 << 20

/**
 * Every tensor both descriptions have in the same shape, in the order of computation.
 * @throws FsError what either side throws while it is read
 */
export async function compareWeights(
  reference: { readonly spec: ModelSpec; readonly weights: WeightSource },
  candidate: { readonly spec: ModelSpec; readonly weights: WeightSource },
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly WeightDifference[]> {
  const shapes = new Map(canonicalTensors(candidate.spec).map(({ name, shape }) => [name, shape.join()]))
  const codecs = [plainRowCodec(), plainRowCodec()] as const
  try {
    const differences: WeightDifference[] = []
    for (const { name, shape } of canonicalTensors(reference.spec)) {
      if (shapes.get(name) !== shape.join()) continue
      options.signal?.throwIfAborted()
      const [referenceType, candidateType] = [reference.weights.typeOf(name), candidate.weights.typeOf(name)]
      const { relativeError, largestDifference, cosine } = await compareTensor(reference.weights, candidate.weights, name, shape, codecs)
      const expected = expectedError(referenceType, candidateType)
      differences.push({
        tensor: name,
        referenceType,
        candidateType,
        relativeError,
        largestDifference,
        cosine,
        expected,
        departs: relativeError > expected,
      })
    }
    return differences
  } finally {
    for (const codec of codecs) codec.dispose()
  }
}

async function compareTensor(
  reference: WeightSource,
  candidate: WeightSource,
  name: string,
  shape: readonly number[],
  [left, right]: readonly [RowCodec, RowCodec],
): Promise<ErrorFigures> {
  const vector = shape.length === 1
  const rowLength = vector ? 1 : shape.at(-1)!
  const rows = shape.reduce((product, size) => product * size, 1) / rowLength
  const band = Math.max(1, Math.floor(BAND_VALUES / rowLength))
  const sums = errorSums()
  for (let first = 0; first < rows; first += band) {
    const many = Math.min(band, rows - first)
    const size = vector ? { rows: 1, rowLength: many } : { rows: many, rowLength }
    sums.add(decode(left, await reference.read(name, first, many), size), decode(right, await candidate.read(name, first, many), size))
  }
  return sums.figures()
}

type Rows = { readonly type: TensorType; readonly bytes: Uint8Array }

function decode(codec: RowCodec, { type, bytes }: Rows, size: { readonly rows: number; readonly rowLength: number }): Float32Array {
  codec.input(bytes.length).set(bytes)
  return codec.decode({ from: type, ...size })
}
