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

export type WeightComparisonOptions = {
  readonly signal?: AbortSignal
  /** Weights of a tensor to look at, in runs of rows spread over it; all of them without it. */
  readonly sample?: number
}

/** Runs of rows in a sample: a matrix stored transposed costs a pass over all of it for each. */
const RUNS = 4

/**
 * Every tensor both descriptions have in the same shape, in the order of computation.
 * @throws FsError what either side throws while it is read
 */
export async function compareWeights(
  reference: { readonly spec: ModelSpec; readonly weights: WeightSource },
  candidate: { readonly spec: ModelSpec; readonly weights: WeightSource },
  { signal, sample = Number.POSITIVE_INFINITY }: WeightComparisonOptions = {},
): Promise<readonly WeightDifference[]> {
  const shapes = new Map(canonicalTensors(candidate.spec).map(({ name, shape }) => [name, shape.join()]))
  const codecs = [plainRowCodec(), plainRowCodec()] as const
  try {
    const differences: WeightDifference[] = []
    for (const { name, shape } of canonicalTensors(reference.spec)) {
      if (shapes.get(name) !== shape.join()) continue
      signal?.throwIfAborted()
      const [referenceType, candidateType] = [reference.weights.typeOf(name), candidate.weights.typeOf(name)]
      const sides = [reference.weights, candidate.weights] as const
      const { relativeError, largestDifference, cosine } = await compareTensor(sides, { name, shape, sample }, codecs)
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
  [reference, candidate]: readonly [WeightSource, WeightSource],
  { name, shape, sample }: { readonly name: string; readonly shape: readonly number[]; readonly sample: number },
  [left, right]: readonly [RowCodec, RowCodec],
): Promise<ErrorFigures> {
  const vector = shape.length === 1
  const rowLength = vector ? 1 : shape.at(-1)!
  const rows = shape.reduce((product, size) => product * size, 1) / rowLength
  const sums = errorSums()
  for (const { first, many } of bandsOf(rows, rowLength, sample)) {
    const size = vector ? { rows: 1, rowLength: many } : { rows: many, rowLength }
    sums.add(decode(left, await reference.read(name, first, many), size), decode(right, await candidate.read(name, first, many), size))
  }
  return sums.figures()
}

/** All rows in bands that fit in memory, or the same number of rows at the beginning, at the end and evenly between. */
function* bandsOf(rows: number, rowLength: number, sample: number): Generator<{ readonly first: number; readonly many: number }> {
  if (rows * rowLength <= sample || rows < RUNS) {
    const band = Math.max(1, Math.floor(BAND_VALUES / rowLength))
    for (let first = 0; first < rows; first += band) yield { first, many: Math.min(band, rows - first) }
    return
  }
  const many = Math.max(1, Math.floor(sample / RUNS / rowLength))
  for (let run = 0; run < RUNS; run++) yield { first: Math.floor(((rows - many) * run) / (RUNS - 1)), many }
}

type Rows = { readonly type: TensorType; readonly bytes: Uint8Array }

function decode(codec: RowCodec, { type, bytes }: Rows, size: { readonly rows: number; readonly rowLength: number }): Float32Array {
  codec.input(bytes.length).set(bytes)
  return codec.decode({ from: type, ...size })
}
