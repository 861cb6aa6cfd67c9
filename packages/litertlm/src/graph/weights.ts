// Weights as operands: vectors in float32, matrices in whatever form the quantization gives them.
// Nothing is read here; the pool remembers what each buffer is made of.
import { litertlmError } from '../errors.ts'
import { type MatrixForm, QUANTIZATIONS } from '../quantization/quantization.ts'
import type { TensorQuantization } from '../tflite/model.ts'
import type { TensorType } from '../tflite/schema.ts'
import type { Building } from './building.ts'
import type { PooledWeight } from './constant-pool.ts'
import type { Value } from './subgraph-builder.ts'

/** A canonical vector, in float32. @param add what is added to each of its numbers */
export function vector({ builder, constants }: Building, name: string, length: number, add: 0 | 1 = 0): Value {
  const { buffer } = constants.weight(name, ({ weightBuffer }) => ({
    ...{ tensor: name, rows: 1, rowLength: length, add },
    encoding: { kind: 'float32' },
    buffer: weightBuffer(4 * length),
  }))
  return builder.stored(name, 'float32', [length], buffer)
}

/**
 * A canonical matrix [rows, rowLength], as an operand of an operator that takes it in the stored form; where the runtime is to compute with floats,
 * an operator before it makes them.
 * @throws FsError `litertlm/options` when rows are not whole blocks
 */
export function matrix(building: Building, name: string, rows: number, rowLength: number): Value {
  const { builder } = building
  const form: MatrixForm = QUANTIZATIONS[building.options.quantization].matrices
  const weight = building.constants.weight(name, (place) => pooledMatrix(form, name, rows, rowLength, place))
  const { type, quantization } = storedAs(building, weight)
  const stored = builder.stored(name, type, [rows, rowLength], weight.buffer, quantization)
  if (form.computed !== 'float32' || type === 'float32') return stored
  // Kernel versions that know float16, and int8 by rows (LiteRT op_version.cc).
  const operation = { kind: 'dequantize', version: type === 'float16' ? 3 : 5 } as const
  return builder.operator(name, operation, [stored], [rows, rowLength])
}

type Place = { readonly weightBuffer: (byteLength: number) => number; readonly scaleSet: (rows: number) => number }

function pooledMatrix(form: MatrixForm, tensor: string, rows: number, rowLength: number, place: Place): PooledWeight {
  const common = { tensor, rows, rowLength, add: 0 } as const
  switch (form.stored) {
    case 'float32':
      return { ...common, encoding: { kind: 'float32' }, buffer: place.weightBuffer(4 * rows * rowLength) }
    case 'float16':
      return { ...common, encoding: { kind: 'float16' }, buffer: place.weightBuffer(2 * rows * rowLength) }
    case 'int8':
      return { ...common, encoding: { kind: 'int8', scaleSet: place.scaleSet(rows) }, buffer: place.weightBuffer(rows * rowLength) }
    case 'int4': {
      const { blockSize } = form
      if (rowLength % blockSize !== 0) {
        const message = `${tensor} has rows of ${rowLength} numbers, which are not whole blocks of ${blockSize}; choose dynamic_int8`
        throw litertlmError('litertlm/options', message, { tensor, rowLength, blockSize })
      }
      const scalesBuffer = place.weightBuffer((2 * rows * rowLength) / blockSize)
      return { ...common, encoding: { kind: 'int4-blocks', blockSize, scalesBuffer }, buffer: place.weightBuffer((rows * rowLength) / 2) }
    }
    default:
      return form satisfies never
  }
}

/** Type and quantization of the tensor that looks at a pooled matrix. */
function storedAs({ builder }: Building, weight: PooledWeight): { type: TensorType; quantization: TensorQuantization | null } {
  const { encoding, tensor, rows, rowLength } = weight
  switch (encoding.kind) {
    case 'float32':
    case 'float16':
      return { type: encoding.kind, quantization: null }
    case 'int8':
      return { type: 'int8', quantization: { kind: 'rows', scaleSet: encoding.scaleSet } }
    case 'int4-blocks': {
      const { blockSize, scalesBuffer } = encoding
      const scales = builder.stored(`${tensor}_scales`, 'float16', [rows, rowLength / blockSize], scalesBuffer)
      return { type: 'int4', quantization: { kind: 'blocks', scales: scales.index, blockSize } }
    }
    default:
      return encoding satisfies never
  }
}
