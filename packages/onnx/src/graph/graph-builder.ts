// Collects the nodes, constants and initializers of one graph under readable names.
// It checks nothing about operators: ONNX Runtime does that when it loads the model.
import type { GraphTensor } from '../weights/graph-tensor.ts'
import { type Attribute, type Attributes, int } from './attributes.ts'
import type { ElementType } from './element-types.ts'

/** The name of a value in the graph; an empty name stands for an optional input that is left out. */
export type Value = string

/** A dimension is a number or the name of a free one. */
export type GraphValue = { readonly name: Value; readonly type: ElementType; readonly shape: readonly (number | string)[] }

export type GraphNode = {
  readonly operator: string
  readonly domain: '' | 'com.microsoft'
  readonly name: string
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: readonly (readonly [string, Attribute])[]
}

/** A small tensor whose numbers stand in the graph itself. */
export type Constant = {
  readonly name: Value
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

export type Graph = {
  readonly nodes: readonly GraphNode[]
  readonly constants: readonly Constant[]
  readonly initializers: readonly GraphTensor[]
  readonly inputs: readonly GraphValue[]
  readonly outputs: readonly GraphValue[]
}

/** Operators of ONNX Runtime's own domain; every other one is the standard's (SimplifiedLayerNormalization, oddly, counts as such). */
const CONTRIB_OPERATORS: ReadonlySet<string> = new Set([
  'GatherBlockQuantized',
  'GroupQueryAttention',
  'MatMulNBits',
  'RotaryEmbedding',
  'SkipLayerNormalization',
  'SkipSimplifiedLayerNormalization',
])

export type GraphBuilder = ReturnType<typeof createGraphBuilder>

/** An empty graph to add to; names are made unique by counting. */
export function createGraphBuilder() {
  const nodes: GraphNode[] = []
  const constants = new Map<string, Constant>()
  const initializers = new Map<string, GraphTensor>()
  const inputs: GraphValue[] = []
  const outputs: GraphValue[] = []
  const renamed = new Map<Value, Value>()
  const uses = new Map<string, number>()

  const unique = (name: string): string => {
    const count = uses.get(name) ?? 0
    uses.set(name, count + 1)
    return count === 0 ? name : `${name}_${count}`
  }

  /**
   * Adds a node with several outputs.
   * @param outputNames what each output is, for its name; an empty one is an optional output left out
   */
  const nodeWithOutputs = (
    scope: string,
    operator: string,
    operands: readonly Value[],
    attributes: Attributes,
    outputNames: readonly string[],
  ): readonly Value[] => {
    const name = unique(`/${scope}/${operator}`)
    const trimmed = operands.slice(0, operands.findLastIndex((operand) => operand !== '') + 1)
    const results = outputNames.map((output) => (output === '' ? '' : `${name}/${output}`))
    nodes.push({
      operator,
      domain: CONTRIB_OPERATORS.has(operator) ? 'com.microsoft' : '',
      name,
      inputs: trimmed,
      outputs: results,
      attributes: Object.entries(attributes),
    })
    return results
  }

  /** Adds a node with one output and returns it. */
  const node = (scope: string, operator: string, operands: readonly Value[], attributes: Attributes = {}): Value =>
    nodeWithOutputs(scope, operator, operands, attributes, ['output'])[0]!

  /** A small constant tensor; equal ones are shared. */
  const constant = (type: ElementType, values: readonly number[], shape: readonly number[] = [values.length]): Value => {
    const name = `/constants/${type}/${shape.join('x') || 'scalar'}/${values.join(',')}`
    if (!constants.has(name)) constants.set(name, { name, type, shape, values })
    return name
  }

  /** A tensor whose data comes with the weights; asking for the same one again shares it. */
  const initializer = (tensor: Omit<GraphTensor, 'data'> & { readonly data?: string }): Value => {
    if (!initializers.has(tensor.name)) initializers.set(tensor.name, { data: tensor.name, ...tensor })
    return tensor.name
  }

  const input = (value: GraphValue): Value => {
    inputs.push(value)
    return value.name
  }

  /** Makes the result of a node an output of the graph: it takes the output's name. */
  const output = (value: GraphValue, from: Value): void => {
    renamed.set(from, value.name)
    outputs.push(value)
  }

  const reshape = (scope: string, value: Value, shape: readonly number[]): Value =>
    node(scope, 'Reshape', [value, constant('int64', shape)])

  /** Cuts the last dimension into pieces of these sizes. */
  const split = (scope: string, value: Value, sizes: readonly number[]): readonly Value[] =>
    sizes.length === 1
      ? [value]
      : nodeWithOutputs(
          scope,
          'Split',
          [value, constant('int64', sizes)],
          { axis: int(-1) },
          sizes.map((_, index) => `part${index}`),
        )

  const rename = (node: GraphNode): GraphNode => ({
    ...node,
    inputs: node.inputs.map((value) => renamed.get(value) ?? value),
    outputs: node.outputs.map((value) => renamed.get(value) ?? value),
  })

  return {
    node,
    nodeWithOutputs,
    constant,
    initializer,
    input,
    output,
    reshape,
    split,
    graph: (): Graph => ({
      nodes: nodes.map(rename),
      constants: [...constants.values()],
      initializers: [...initializers.values()],
      inputs,
      outputs,
    }),
  }
}
