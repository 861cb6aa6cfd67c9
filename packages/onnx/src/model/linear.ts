// Linear layers as nodes: y = x W^T + b with float or blocked weights, one alone or several that read the same x in one pass.
// How stored weights become these initializers is in `weights/`.
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import { type BlockFormat, type LinearFormat, type TensorPart, wholeTensor } from '../weights/graph-tensor.ts'
import type { Building } from './building.ts'
import { tapInput } from './tap.ts'

/** One linear layer. */
export type Linear = {
  /** Name in the graph; also the canonical name without `.weight` and `.bias`, unless `weight` says otherwise. */
  readonly name: string
  readonly outputs: number
  readonly bias: boolean
  /** The canonical tensor its weight is part of, where it is not a tensor of its own: one expert in a stack. */
  readonly weight?: { readonly tensor: string; readonly firstRow: number }
}

/** @param inputs size of the last dimension of `value` */
export function linear(building: Building, layer: Linear, inputs: number, value: Value): Value {
  return joined(building, layer.name, [layer], building.options.formatOf(weightTensor(layer)), inputs, value)
}

/**
 * Several linear layers of the same input. Layers whose weights have the same format share one multiplication.
 * @returns one value for each layer, in order; or all of them in one, where a single multiplication did it and the caller wants them together
 */
export function linearTogether(
  building: Building,
  scope: string,
  layers: readonly Linear[],
  inputs: number,
  value: Value,
): { readonly kind: 'joined'; readonly value: Value } | { readonly kind: 'separate'; readonly values: readonly Value[] } {
  const groups = new Map<string, { format: LinearFormat; members: number[] }>()
  for (const [index, layer] of layers.entries()) {
    const format = building.options.formatOf(weightTensor(layer))
    const group = groups.get(formatKey(format))
    if (group === undefined) groups.set(formatKey(format), { format, members: [index] })
    else group.members.push(index)
  }
  const values: Value[] = []
  for (const { format, members } of groups.values()) {
    const joinedLayers = members.map((member) => layers[member]!)
    const name =
      joinedLayers.length === 1 ? joinedLayers[0]!.name : `${scope}.${joinedLayers.map((layer) => lastPart(layer.name)).join('_')}`
    const result = joined(building, name, joinedLayers, format, inputs, value)
    if (groups.size === 1) return { kind: 'joined', value: result }
    const sizes = joinedLayers.map((layer) => layer.outputs)
    for (const [index, part] of building.builder.split(name, result, sizes).entries()) values[members[index]!] = part
  }
  return { kind: 'separate', values }
}

function joined(building: Building, name: string, layers: readonly Linear[], format: LinearFormat, inputs: number, value: Value): Value {
  const { builder, options } = building
  const outputs = layers.reduce((sum, layer) => sum + layer.outputs, 0)
  const parts = layers.map(weightPart)
  for (const layer of layers) tapInput(building, layer.name, inputs, value)
  const product =
    format.kind === 'float'
      ? builder.node(name, 'MatMul', [
          value,
          builder.initializer({
            name: `${name}.weight`,
            type: options.precision,
            shape: [inputs, outputs],
            recipe: { kind: 'columns', parts },
          }),
        ])
      : blockedProduct(building, name, parts, format, { inputs, outputs }, value)
  if (!layers.some((layer) => layer.bias)) return product
  const bias = builder.initializer({
    name: `${name}.bias`,
    type: options.precision,
    shape: [outputs],
    recipe: {
      kind: 'rows',
      parts: layers.map(
        (layer): TensorPart => (layer.bias ? wholeTensor(`${layer.name}.bias`, layer.outputs) : { kind: 'zeros', rows: layer.outputs }),
      ),
      add: 0,
    },
  })
  return builder.node(name, 'Add', [product, bias])
}

/** ONNX Runtime's accuracy levels: 0 keeps activations as they are, 4 rounds them to 8 bits for each block. */
const ACCURACY_LEVELS = { exact: 0, fast: 4 } as const

/** x W^T with a blocked weight. @param value [batch, sequence, inputs] */
export function blockedProduct(
  building: Building,
  name: string,
  parts: readonly TensorPart[],
  format: BlockFormat,
  size: Size,
  value: Value,
): Value {
  const { builder, options } = building
  const integers = blockedIntegers(building, name, parts, format, size)
  const scales = blockedScales(building, name, parts, format, size)
  const product = builder.node(name, 'MatMulNBits', [value, integers, scales], {
    K: int(size.inputs),
    N: int(size.outputs),
    bits: int(format.bits),
    block_size: int(format.blockSize),
    accuracy_level: int(ACCURACY_LEVELS[options.arithmetic]),
  })
  if (!format.minimums) return product
  const blocks = size.inputs / format.blockSize
  const minimums = blockedMinimums(building, name, parts, format, size)
  const inBlocks = builder.reshape(name, value, [0, 0, blocks, format.blockSize])
  // Of no rows at all (an expert nobody is routed to) ReduceSum gives a wrong shape when it is to drop the dimension.
  const kept = builder.node(name, 'ReduceSum', [inBlocks, builder.constant('int64', [3])], { keepdims: int(1) })
  const sums = builder.node(name, 'Squeeze', [kept, builder.constant('int64', [3])])
  return builder.node(name, 'Add', [product, builder.node(name, 'MatMul', [sums, minimums])])
}

type Size = { readonly inputs: number; readonly outputs: number }

/** Integers of a blocked weight, [outputs, blocks, bytes], as MatMulNBits wants them. */
function blockedIntegers(building: Building, name: string, parts: readonly TensorPart[], format: BlockFormat, size: Size): Value {
  return building.builder.initializer({
    name: `${name}.integers`,
    type: 'uint8',
    shape: [size.outputs, size.inputs / format.blockSize, (format.blockSize * format.bits) / 8],
    recipe: { kind: 'block-integers', parts, format, rowLength: size.inputs },
  })
}

/**
 * The same numbers in rows, [outputs, bytes], as GatherBlockQuantized wants them: another view of the same data, since a Reshape would be
 * folded into a second copy.
 */
export function blockedIntegerRows(building: Building, name: string, parts: readonly TensorPart[], format: BlockFormat, size: Size): Value {
  return building.builder.initializer({
    name: `${name}.integer_rows`,
    data: `${name}.integers`,
    type: 'uint8',
    shape: [size.outputs, (size.inputs * format.bits) / 8],
    recipe: { kind: 'block-integers', parts, format, rowLength: size.inputs },
  })
}

/** Scales of a blocked weight, [outputs, blocks]. */
export function blockedScales(building: Building, name: string, parts: readonly TensorPart[], format: BlockFormat, size: Size): Value {
  return building.builder.initializer({
    name: `${name}.scales`,
    type: building.options.precision,
    shape: [size.outputs, size.inputs / format.blockSize],
    recipe: { kind: 'block-scales', parts, format, rowLength: size.inputs },
  })
}

/** What is added for each block of inputs, [blocks, outputs]. */
export function blockedMinimums(building: Building, name: string, parts: readonly TensorPart[], format: BlockFormat, size: Size): Value {
  return building.builder.initializer({
    name: `${name}.minimums`,
    type: building.options.precision,
    shape: [size.inputs / format.blockSize, size.outputs],
    recipe: { kind: 'block-minimums', parts, format, rowLength: size.inputs },
  })
}

function weightTensor(layer: Linear): string {
  return layer.weight?.tensor ?? `${layer.name}.weight`
}

function weightPart(layer: Linear): TensorPart {
  return { kind: 'tensor', name: weightTensor(layer), firstRow: layer.weight?.firstRow ?? 0, rows: layer.outputs }
}

function formatKey(format: LinearFormat): string {
  return format.kind === 'float' ? 'float' : `${format.bits}/${format.blockSize}/${format.minimums}/${format.levels}`
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
