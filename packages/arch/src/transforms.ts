// The named, invertible changes of layout between a stored tensor and the canonical one. Data, so that a plan can be written down.
// Moving the bytes is not done here: `rows.ts` compiles a chain of these into row sources for whoever executes it.
import { archError } from './errors.ts'

/**
 * Each is a function from tensors to tensors; "rows" are vectors along the last dimension, all leading dimensions flattened.
 * - `interleave-rope`: per head, rows (half, pair) become (pair, half): the layout llama.cpp's `llama` wants (conversion/llama.py, permute).
 * - `add`: every element plus `value`, in float32.
 * - `transpose`: a matrix's two dimensions swapped (GPT-2's Conv1D).
 * - `join`: several tensors under one another, with these row counts. `split` undoes it.
 * - `join-heads`: as join, but head by head: head 0 of every part, head 1 of every part, … (GPT-NeoX, BLOOM). `split-heads` undoes it.
 * - `stack`: `count` equal tensors become one with a new leading dimension (experts). `unstack` undoes it.
 * - `pad-rows`: zero rows before and after; `drop-rows` undoes it (and loses what it drops: rows no token can reach).
 */
export type Transform =
  | { readonly kind: 'interleave-rope'; readonly heads: number }
  | { readonly kind: 'deinterleave-rope'; readonly heads: number }
  | { readonly kind: 'add'; readonly value: number }
  | { readonly kind: 'transpose' }
  | { readonly kind: 'join'; readonly rows: readonly number[] }
  | { readonly kind: 'split'; readonly rows: readonly number[] }
  | { readonly kind: 'join-heads'; readonly heads: number; readonly parts: number }
  | { readonly kind: 'split-heads'; readonly heads: number; readonly parts: number }
  | { readonly kind: 'stack'; readonly count: number }
  | { readonly kind: 'unstack'; readonly count: number }
  | { readonly kind: 'pad-rows'; readonly before: number; readonly after: number }
  | { readonly kind: 'drop-rows'; readonly before: number; readonly after: number }

/** The transform that undoes `transform`. */
export function inverseOf(transform: Transform): Transform {
  switch (transform.kind) {
    case 'interleave-rope':
      return { kind: 'deinterleave-rope', heads: transform.heads }
    case 'deinterleave-rope':
      return { kind: 'interleave-rope', heads: transform.heads }
    case 'add':
      return { kind: 'add', value: -transform.value }
    case 'transpose':
      return transform
    case 'join':
      return { kind: 'split', rows: transform.rows }
    case 'split':
      return { kind: 'join', rows: transform.rows }
    case 'join-heads':
      return { kind: 'split-heads', heads: transform.heads, parts: transform.parts }
    case 'split-heads':
      return { kind: 'join-heads', heads: transform.heads, parts: transform.parts }
    case 'stack':
      return { kind: 'unstack', count: transform.count }
    case 'unstack':
      return { kind: 'stack', count: transform.count }
    case 'pad-rows':
      return { kind: 'drop-rows', before: transform.before, after: transform.after }
    case 'drop-rows':
      return { kind: 'pad-rows', before: transform.before, after: transform.after }
    default:
      return transform satisfies never
  }
}

/** Undoes a chain: the inverses, last first. */
export function inverseChain(chain: readonly Transform[]): readonly Transform[] {
  return chain.map(inverseOf).reverse()
}

/** Joins chains and removes neighbours that undo each other, so that a fused projection is copied rather than split and joined. */
export function composeChains(...chains: readonly (readonly Transform[])[]): readonly Transform[] {
  const result: Transform[] = []
  for (const transform of chains.flat()) {
    const previous = result.at(-1)
    if (previous !== undefined && JSON.stringify(inverseOf(previous)) === JSON.stringify(transform)) result.pop()
    else result.push(transform)
  }
  return result
}

type Shape = readonly number[]

const rowsOf = (shape: Shape): number => shape.slice(0, -1).reduce((product, dimension) => product * dimension, 1)
const withRows = (shape: Shape, rows: number): Shape => (shape.length === 1 ? [rows] : [rows, shape.at(-1)!])

/** Rows of a tensor when a vector counts as a column of single numbers, as biases of joined projections do. */
export function leadingRows(shape: Shape): number {
  return shape.length === 1 ? shape[0]! : rowsOf(shape)
}

function refuse(transform: Transform, shapes: readonly Shape[], why: string): never {
  throw archError('arch/transform-shape', `transform ${transform.kind} cannot take ${JSON.stringify(shapes)}: ${why}`, {
    transform: transform.kind,
  })
}

/**
 * Shapes that come out of `transform` for these shapes.
 * @throws FsError `arch/transform-shape` when it cannot be applied to them.
 */
export function transformShapes(transform: Transform, shapes: readonly Shape[]): readonly Shape[] {
  const only = (): Shape => (shapes.length === 1 ? shapes[0]! : refuse(transform, shapes, 'it takes one tensor'))
  switch (transform.kind) {
    case 'interleave-rope':
    case 'deinterleave-rope': {
      const shape = only()
      if (leadingRows(shape) % (transform.heads * 2) !== 0)
        refuse(transform, shapes, `rows are not a multiple of 2 x ${transform.heads} heads`)
      return shapes
    }
    case 'add':
      return shapes
    case 'transpose': {
      const shape = only()
      if (shape.length !== 2) refuse(transform, shapes, 'it takes a matrix')
      return [[shape[1]!, shape[0]!]]
    }
    case 'join': {
      if (shapes.length !== transform.rows.length || shapes.some((shape, part) => leadingRows(shape) !== transform.rows[part]))
        refuse(transform, shapes, `it takes tensors of ${transform.rows.join(', ')} rows`)
      return [
        withRows(
          shapes[0]!,
          transform.rows.reduce((sum, rows) => sum + rows, 0),
        ),
      ]
    }
    case 'split': {
      const shape = only()
      if (leadingRows(shape) !== transform.rows.reduce((sum, rows) => sum + rows, 0))
        refuse(transform, shapes, `it takes ${transform.rows.join(' + ')} rows`)
      return transform.rows.map((rows) => withRows(shape, rows))
    }
    case 'join-heads': {
      if (shapes.length !== transform.parts) refuse(transform, shapes, `it takes ${transform.parts} tensors`)
      const rows = leadingRows(shapes[0]!)
      if (rows % transform.heads !== 0 || shapes.some((shape) => leadingRows(shape) !== rows))
        refuse(transform, shapes, 'its parts have equal rows, a multiple of the heads')
      return [withRows(shapes[0]!, rows * transform.parts)]
    }
    case 'split-heads': {
      const shape = only()
      if (leadingRows(shape) % (transform.heads * transform.parts) !== 0)
        refuse(transform, shapes, 'rows are not a multiple of heads x parts')
      return Array.from({ length: transform.parts }, () => withRows(shape, leadingRows(shape) / transform.parts))
    }
    case 'stack': {
      if (shapes.length !== transform.count || shapes.some((shape) => shape.join() !== shapes[0]!.join()))
        refuse(transform, shapes, `it takes ${transform.count} equal tensors`)
      return [[transform.count, ...shapes[0]!]]
    }
    case 'unstack': {
      const shape = only()
      if (shape[0] !== transform.count || shape.length < 2) refuse(transform, shapes, `its first dimension is ${transform.count}`)
      return Array.from({ length: transform.count }, () => shape.slice(1))
    }
    case 'pad-rows':
      return [withRows(only(), leadingRows(only()) + transform.before + transform.after)]
    case 'drop-rows': {
      const rows = leadingRows(only()) - transform.before - transform.after
      if (rows <= 0) refuse(transform, shapes, 'nothing would be left')
      return [withRows(only(), rows)]
    }
    default:
      return transform satisfies never
  }
}
