// Where each stored weight of a model goes in an exported graph's data: the recipes of initializers, turned into targets of a plan's jobs.
// What the initializers are is `@fs/onnx`'s word; nothing is read here.
import { DTYPES, type GgmlType } from '@fs/core'
import type { ExternalPlace, GraphTensor, Recipe, TensorPart } from '@fs/onnx'
import { graphTensorBytes } from '@fs/onnx'
import { rotaryPositions } from '@fs/onnx/rows'
import type { Placement } from '../plan/assemble-plan.ts'
import type { JobTarget, TargetLayout } from '../plan/conversion-plan.ts'
import type { ResultTensor } from '../plan/result-tensors.ts'
import type { WeightType } from './weight-types.ts'

export type PlacedOutput = {
  /** Index of the plan's output for a file of weights. */
  readonly output: (location: string) => number
  readonly places: ReadonlyMap<string, ExternalPlace>
  readonly types: ReadonlyMap<string, WeightType>
}

type FloatTensor = { readonly type: 'F32' | 'F16'; readonly bytes: number; readonly output: number; readonly offset: number }

/** @param tensors the model's weights by canonical name */
export function placeInitializers(
  initializers: readonly GraphTensor[],
  tensors: ReadonlyMap<string, ResultTensor>,
  placed: PlacedOutput,
): readonly Placement[] {
  const seen = new Set<string>()
  const distinct = initializers.filter(({ data }) => !seen.has(data) && seen.add(data))
  return distinct.flatMap((tensor) => placementsOf(tensor, distinct, tensors, placed))
}

function placementsOf(
  tensor: GraphTensor,
  all: readonly GraphTensor[],
  tensors: ReadonlyMap<string, ResultTensor>,
  placed: PlacedOutput,
): readonly Placement[] {
  const { recipe } = tensor
  switch (recipe.kind) {
    case 'rotary':
      return [rotaryPlacement(tensor, recipe, placed)]
    case 'rows':
      return rowPlacements(tensor, recipe, tensors, placed)
    case 'columns':
      return columnPlacements(tensor, recipe, tensors, placed)
    case 'block-integers':
      return blockPlacements(tensor, recipe, all, tensors, placed)
    // These go with their integers: one reading of a weight makes all three.
    case 'block-scales':
    case 'block-minimums':
      return []
    default:
      return recipe satisfies never
  }
}

function rotaryPlacement(tensor: GraphTensor, table: Extract<Recipe, { kind: 'rotary' }>, placed: PlacedOutput): Placement {
  const shape = [rotaryPositions(table), table.rope.dimensions / 2]
  const { output, offset, type } = floatTensor(tensor, placed)
  return {
    tensor: {
      name: tensor.name,
      shape,
      inputs: [{ name: tensor.name, type: 'F32', shape, formula: { kind: 'rotary', table }, operands: [] }],
      chain: [],
      part: 0,
    },
    target: { output, type, offset, byteLength: graphTensorBytes(tensor) },
  }
}

function rowPlacements(
  tensor: GraphTensor,
  { parts, add }: Extract<Recipe, { kind: 'rows' }>,
  tensors: ReadonlyMap<string, ResultTensor>,
  placed: PlacedOutput,
): readonly Placement[] {
  const { output, offset, type, bytes } = floatTensor(tensor, placed)
  const rowBytes = (tensor.shape.length === 1 ? 1 : tensor.shape.at(-1)!) * bytes
  return eachPart(parts, tensors, (source, part, before) => ({
    tensor: add === 0 ? source : { ...source, chain: [...source.chain, { kind: 'add', value: add }] },
    target: { output, type, offset: offset + before * rowBytes, byteLength: part.rows * rowBytes, ...rowsOf(source, part) },
  }))
}

function columnPlacements(
  tensor: GraphTensor,
  { parts }: Extract<Recipe, { kind: 'columns' }>,
  tensors: ReadonlyMap<string, ResultTensor>,
  placed: PlacedOutput,
): readonly Placement[] {
  const [inputs, outputs] = [tensor.shape[0]!, tensor.shape[1]!]
  const { output, offset, type, bytes } = floatTensor(tensor, placed)
  const layout: TargetLayout = { kind: 'columns', stride: outputs * bytes }
  return eachPart(parts, tensors, (source, part, before) => ({
    tensor: source,
    target: {
      output,
      type,
      offset: offset + before * bytes,
      byteLength: part.rows * inputs * bytes,
      layout,
      ...rowsOf(source, part),
    },
  }))
}

function blockPlacements(
  tensor: GraphTensor,
  { parts, format, rowLength }: Extract<Recipe, { kind: 'block-integers' }>,
  all: readonly GraphTensor[],
  tensors: ReadonlyMap<string, ResultTensor>,
  placed: PlacedOutput,
): readonly Placement[] {
  const blocks = rowLength / format.blockSize
  const sibling = (kind: 'block-scales' | 'block-minimums') =>
    all.find(({ recipe }) => recipe.kind === kind && JSON.stringify(recipe.parts) === JSON.stringify(parts))
  const scales = floatTensor(sibling('block-scales')!, placed)
  const minimums = format.minimums ? floatTensor(sibling('block-minimums')!, placed) : null
  const outputs = parts.reduce((sum, { rows }) => sum + rows, 0)
  const integers = placed.places.get(tensor.data)!
  const rowBytes = (rowLength * format.bits) / 8
  return eachPart(parts, tensors, (source, part, before) => {
    const chosen = placed.types.get(source.name)!
    const layout: TargetLayout = {
      kind: 'blocks',
      format,
      floats: scales.type,
      scales: { output: scales.output, offset: scales.offset + before * blocks * scales.bytes },
      minimums:
        minimums === null
          ? null
          : { output: minimums.output, offset: minimums.offset + before * minimums.bytes, stride: outputs * minimums.bytes },
    }
    const floats = blocks * scales.bytes * (minimums === null ? 1 : 2)
    return {
      tensor: source,
      target: {
        ...chosen,
        output: placed.output(integers.location),
        offset: integers.offset + before * rowBytes,
        byteLength: part.rows * (rowBytes + floats),
        layout,
        ...rowsOf(source, part),
      },
    }
  })
}

/** Pieces that are zeros need no job: what nothing is written to is zero. @param place gets a piece and the rows before it */
function eachPart(
  parts: readonly TensorPart[],
  tensors: ReadonlyMap<string, ResultTensor>,
  place: (source: ResultTensor, part: Extract<TensorPart, { kind: 'tensor' }>, before: number) => Placement,
): readonly Placement[] {
  const placements: Placement[] = []
  let before = 0
  for (const part of parts) {
    if (part.kind === 'tensor') placements.push(place(tensors.get(part.name)!, part, before))
    before += part.rows
  }
  return placements
}

/** A piece that is not the whole weight says which rows it is. */
function rowsOf(
  { shape }: ResultTensor,
  { firstRow, rows }: { readonly firstRow: number; readonly rows: number },
): Pick<JobTarget, 'rows'> {
  const all = shape.length === 1 ? shape[0]! : shape.slice(0, -1).reduce((product, size) => product * size, 1)
  return rows === all ? {} : { rows: { start: firstRow, count: rows } }
}

function floatTensor(tensor: GraphTensor, placed: PlacedOutput): FloatTensor {
  const type: Extract<GgmlType, 'F32' | 'F16'> = tensor.type === 'float16' ? 'F16' : 'F32'
  const { location, offset } = placed.places.get(tensor.data)!
  return { type, bytes: DTYPES[type].bytes, output: placed.output(location), offset }
}
