// What an initializer of a graph is made of: canonical tensors and a named way to lay them out. Data, so that a runtime, an
// exporter and a plan can all fill a graph. Moving the numbers is done in `pack-tensors.ts`.
import type { PositionSpec } from '@fs/arch'
import { ELEMENT_TYPES, type ElementType } from '../graph/element-types.ts'

/** How a linear layer's weight enters the graph: as floats, or as integers with a scale for each block of inputs. */
export type LinearFormat =
  | { readonly kind: 'float' }
  | {
      readonly kind: 'blocks'
      /** 2^(bits - 1) is subtracted from each stored integer. */
      readonly bits: 4 | 8
      readonly blockSize: 16 | 32 | 64 | 128 | 256
      /** Whether each block also has a number that is added to all its weights. */
      readonly minimums: boolean
      /** Integers and scales as the file has them, or any weights rounded to 8 bits here. */
      readonly levels: 'stored' | 'rounded'
    }

export type BlockFormat = Extract<LinearFormat, { kind: 'blocks' }>

/**
 * One piece of a joined tensor: some rows of a canonical tensor (all leading dimensions flattened; of a vector, its elements), or
 * as many zeros (the bias of a projection that has none).
 */
export type TensorPart =
  | { readonly kind: 'tensor'; readonly name: string; readonly firstRow: number; readonly rows: number }
  | { readonly kind: 'zeros'; readonly rows: number }

/** What the three pieces of a blocked weight have in common. */
type BlockRecipe = {
  readonly parts: readonly TensorPart[]
  readonly format: BlockFormat /** Weights in a row. */
  readonly rowLength: number
}

export type Recipe =
  /** Floats, the parts under one another, plus `add` to each number. */
  | { readonly kind: 'rows'; readonly parts: readonly TensorPart[]; readonly add: 0 | 1 }
  /** The same, transposed: [in, out], as MatMul wants its right side. */
  | { readonly kind: 'columns'; readonly parts: readonly TensorPart[] }
  /** Integers of a blocked weight, as MatMulNBits packs them. */
  | (BlockRecipe & { readonly kind: 'block-integers' })
  /** Scales of a blocked weight, [out, blocks]. */
  | (BlockRecipe & { readonly kind: 'block-scales' })
  /** What is added to each block of a weight with minimums, [blocks, out]. */
  | (BlockRecipe & { readonly kind: 'block-minimums' })
  /** Cosines or sines of a rotary embedding, one row for each position. */
  | {
      readonly kind: 'rotary'
      readonly function: 'cosine' | 'sine'
      readonly rope: Extract<PositionSpec, { kind: 'rope' }>
      /** Sequence length that decides between short and long factors, and how many positions the table has for it. */
      readonly ranges: readonly { readonly sequenceLength: number; readonly positions: number }[]
    }

/** An initializer: name and type in the graph, and what it is made of. */
export type GraphTensor = {
  readonly name: string
  /** Name of its data. Two initializers may see the same data in different shapes; it is then packed and stored once. */
  readonly data: string
  readonly type: ElementType
  readonly shape: readonly number[]
  readonly recipe: Recipe
}

/** Bytes of the tensor's data. */
export function graphTensorBytes(tensor: GraphTensor): number {
  return tensor.shape.reduce((product, dimension) => product * dimension, ELEMENT_TYPES[tensor.type].bytes)
}

/** Canonical tensors a recipe reads, each once. */
export function recipeTensors(recipe: Recipe): readonly string[] {
  switch (recipe.kind) {
    case 'rotary':
      return []
    case 'rows':
    case 'columns':
    case 'block-integers':
    case 'block-scales':
    case 'block-minimums':
      return [...new Set(recipe.parts.flatMap((part) => (part.kind === 'tensor' ? [part.name] : [])))]
    default:
      return recipe satisfies never
  }
}

/** The part that is one whole canonical tensor of so many rows. */
export function wholeTensor(name: string, rows: number): TensorPart {
  return { kind: 'tensor', name, firstRow: 0, rows }
}
