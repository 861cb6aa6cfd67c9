// The buffers of a model: small constants and weights, each stored once however many signatures use it.
// Tensors that look at them belong to the subgraphs.
import type { Buffer } from '../tflite/model.ts'
import type { WeightEncoding } from './tflite-plan.ts'

/** A canonical tensor as the graph wants it stored. */
export type PooledWeight = {
  readonly tensor: string
  readonly rows: number
  readonly rowLength: number
  readonly add: 0 | 1
  readonly encoding: PooledEncoding
  readonly buffer: number
}

/** As in the plan, with the set or the buffer of scales in place of an offset not yet known. */
export type PooledEncoding =
  | Extract<WeightEncoding, { kind: 'float32' | 'float16' }>
  | { readonly kind: 'int8'; readonly scaleSet: number }
  | { readonly kind: 'int4-blocks'; readonly blockSize: 32 | 128; readonly scalesBuffer: number }

export type ConstantPool = ReturnType<typeof createConstantPool>

export function createConstantPool() {
  const buffers: Buffer[] = [{ kind: 'empty' }]
  const scaleSets: number[] = []
  const small = new Map<string, number>()
  const weights = new Map<string, PooledWeight>()

  const constant = (label: string, view: Int32Array | Float32Array): number => {
    const found = small.get(label)
    if (found !== undefined) return found
    const index = buffers.push({ kind: 'constant', bytes: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) }) - 1
    small.set(label, index)
    return index
  }

  const weightBuffer = (byteLength: number): number => buffers.push({ kind: 'weight', byteLength }) - 1

  return {
    integers: (values: readonly number[]): number => constant(`int32/${values.join(',')}`, Int32Array.from(values)),
    floats: (label: string, values: Float32Array): number => constant(label, values),
    /** Asked for again, the weight is the same one. */
    weight: (tensor: string, make: (place: { weightBuffer: typeof weightBuffer; scaleSet: (rows: number) => number }) => PooledWeight) => {
      const found = weights.get(tensor)
      if (found !== undefined) return found
      const weight = make({ weightBuffer, scaleSet: (rows) => scaleSets.push(rows) - 1 })
      weights.set(tensor, weight)
      return weight
    },
    buffers: (): readonly Buffer[] => buffers,
    scaleSets: (): readonly number[] => scaleSets,
    weights: (): readonly PooledWeight[] => [...weights.values()],
  }
}
