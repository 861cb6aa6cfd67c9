// Builds one subgraph: tensors and operators in order of execution, with the shapes of their results. What a decoder
// is made of stands in the files beside; the file format in `../tflite`.
import type { Operation, Operator, Signature, Subgraph, Tensor, TensorQuantization } from '../tflite/model.ts'
import type { TensorType } from '../tflite/schema.ts'
import type { ConstantPool } from './constant-pool.ts'

/** A tensor of the subgraph under construction. */
export type Value = { readonly index: number; readonly type: TensorType; readonly shape: readonly number[] }

export type SubgraphBuilder = ReturnType<typeof createSubgraphBuilder>

type Named = { readonly name: string; readonly tensor: number }

/** @param name of the subgraph, and of the signature where it has one */
export function createSubgraphBuilder(name: string, constants: ConstantPool) {
  const tensors: Tensor[] = []
  const operators: Operator[] = []
  const inputs: Named[] = []
  const outputs: Named[] = []
  const known = new Map<string, Value>()
  const uses = new Map<string, number>()

  const add = (tensor: Tensor): Value => ({ index: tensors.push(tensor) - 1, type: tensor.type, shape: tensor.shape })

  const unique = (label: string): string => {
    const count = uses.get(label) ?? 0
    uses.set(label, count + 1)
    return count === 0 ? label : `${label}_${count}`
  }

  const input = (label: string, type: TensorType, shape: readonly number[]): Value => {
    const value = add({ name: label, type, shape, buffer: 0, quantization: null })
    inputs.push({ name: label, tensor: value.index })
    return value
  }

  const output = (label: string, value: Value): void => {
    outputs.push({ name: label, tensor: value.index })
  }

  /** Adds an operator with one result. `null` is an optional operand left out. */
  const operator = (
    scope: string,
    operation: Operation,
    operands: readonly (Value | null)[],
    shape: readonly number[],
    type: TensorType = 'float32',
  ): Value => {
    const result = add({ name: unique(`${scope}/${operation.kind}`), type, shape, buffer: 0, quantization: null })
    operators.push({ operation, inputs: operands.map((operand) => operand?.index ?? -1), outputs: [result.index] })
    return result
  }

  /** A tensor over a buffer; asked for again, it is the same one. */
  const stored = (
    label: string,
    type: TensorType,
    shape: readonly number[],
    buffer: number,
    quantization: TensorQuantization | null = null,
  ): Value => {
    const found = known.get(label)
    if (found !== undefined) return found
    const value = add({ name: label, type, shape, buffer, quantization })
    known.set(label, value)
    return value
  }

  const integers = (values: readonly number[]): Value =>
    stored(`constant/int32/${values.join(',')}`, 'int32', [values.length], constants.integers(values))

  /** @param label says what the numbers are; equal labels must mean equal numbers */
  const floats = (label: string, values: Float32Array, shape: readonly number[]): Value =>
    stored(`constant/${label}`, 'float32', shape, constants.floats(label, values))

  const scalar = (value: number): Value => floats(`${value}`, Float32Array.of(value), [])

  return {
    input,
    output,
    operator,
    stored,
    integers,
    floats,
    scalar,
    reshape: (scope: string, value: Value, shape: readonly number[]): Value =>
      operator(scope, { kind: 'reshape' }, [value, integers(shape)], shape, value.type),
    transpose: (scope: string, value: Value, order: readonly number[]): Value =>
      operator(
        scope,
        { kind: 'transpose' },
        [value, integers(order)],
        order.map((dimension) => value.shape[dimension]!),
      ),
    /** `size` numbers from `start` on along the last dimension. */
    slice: (scope: string, value: Value, start: number, size: number): Value => {
      const leading = value.shape.slice(0, -1)
      const sizes = [...leading, size]
      return operator(scope, { kind: 'slice' }, [value, integers([...leading.map(() => 0), start]), integers(sizes)], sizes, value.type)
    },
    /** Of the larger operand's shape; the other one is broadcast. */
    arithmetic: (scope: string, kind: 'add' | 'mul' | 'sub', left: Value, right: Value): Value =>
      operator(scope, { kind }, [left, right], broadcast(left.shape, right.shape)),
    subgraph: (): Subgraph => ({
      name,
      tensors,
      inputs: inputs.map(({ tensor }) => tensor),
      outputs: outputs.map(({ tensor }) => tensor),
      operators,
    }),
    signature: (subgraph: number): Signature => ({ key: name, subgraph, inputs, outputs }),
  }
}

function broadcast(left: readonly number[], right: readonly number[]): readonly number[] {
  const rank = Math.max(left.length, right.length)
  return Array.from({ length: rank }, (_, index) =>
    Math.max(left[index - rank + left.length] ?? 1, right[index - rank + right.length] ?? 1),
  )
}
