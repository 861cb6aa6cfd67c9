// Compiles a chain of transforms into an answer to "which source row is output row r": all a converter needs to move bytes in bands.
// It touches no data. Every transform but `add` and `transpose` only rearranges rows, which is why this is enough.
import { archError } from './errors.ts'
import { leadingRows, type Transform, transformShapes } from './transforms.ts'

/** One row of one input; `input` -1 stands for a row of zeros. */
export type RowSource = { readonly input: number; readonly row: number }

export type CompiledOutput = {
  readonly shape: readonly number[]
  readonly rows: number
  readonly rowLength: number
  /** The input row that output row `row` is made of. Where `transposed`, "input row" means a column of the stored matrix. */
  readonly source: (row: number) => RowSource
  readonly transposed: boolean
  /** Added to every element, in float32; 0 adds nothing. */
  readonly add: number
}

type Stage = { readonly shape: readonly number[]; readonly source: (row: number) => RowSource }

const zeros: RowSource = { input: -1, row: 0 }

/**
 * @param chain transforms, first applied first
 * @param shapes shapes of the inputs, outermost dimension first
 * @throws FsError `arch/transform-shape` when a transform cannot take what it is given, or a transpose follows another transform that moves rows.
 */
export function compileChain(chain: readonly Transform[], shapes: readonly (readonly number[])[]): readonly CompiledOutput[] {
  let stages: readonly Stage[] = shapes.map((shape, input) => ({ shape, source: (row) => ({ input, row }) }))
  let transposed = false
  let moved = false
  let add = 0
  for (const transform of chain) {
    const outputShapes = transformShapes(
      transform,
      stages.map((stage) => stage.shape),
    )
    if (transform.kind === 'add') add += transform.value
    else if (transform.kind === 'transpose') {
      if (moved)
        throw archError('arch/transform-shape', 'a transpose after another rearrangement is not supported; transpose first', {
          transform: 'transpose',
        })
      transposed = !transposed
      stages = stages.map(({ source }, index) => ({ shape: outputShapes[index]!, source }))
    } else {
      moved = true
      stages = rearrange(transform, stages, outputShapes)
    }
  }
  return stages.map(({ shape, source }) => {
    const vector = shape.length === 1
    return { shape, rows: vector ? shape[0]! : leadingRows(shape), rowLength: vector ? 1 : shape.at(-1)!, source, transposed, add }
  })
}

function rearrange(
  transform: Exclude<Transform, { kind: 'add' | 'transpose' }>,
  stages: readonly Stage[],
  shapes: readonly (readonly number[])[],
): readonly Stage[] {
  const first = stages[0]!
  const rows = leadingRows(first.shape)
  const reorder = (from: (row: number) => number): readonly Stage[] => [{ shape: shapes[0]!, source: (row) => first.source(from(row)) }]
  switch (transform.kind) {
    case 'interleave-rope': {
      const perHead = rows / transform.heads
      const pairs = perHead / 2
      return reorder((row) => {
        const within = row % perHead
        return row - within + (within % 2) * pairs + (within >> 1)
      })
    }
    case 'deinterleave-rope': {
      const perHead = rows / transform.heads
      const pairs = perHead / 2
      return reorder((row) => {
        const within = row % perHead
        return row - within + (within % pairs) * 2 + (within >= pairs ? 1 : 0)
      })
    }
    case 'join':
    case 'stack': {
      const counts = stages.map((stage) => leadingRows(stage.shape))
      return [{ shape: shapes[0]!, source: (row) => locate(stages, counts, row) }]
    }
    case 'split':
    case 'unstack': {
      let start = 0
      return shapes.map((shape) => {
        const offset = start
        start += leadingRows(shape)
        return { shape, source: (row) => first.source(offset + row) }
      })
    }
    case 'join-heads': {
      const perHead = rows / transform.heads
      const { parts } = transform
      return [
        {
          shape: shapes[0]!,
          source: (row) => {
            const head = Math.floor(row / (perHead * parts))
            const part = Math.floor(row / perHead) % parts
            return stages[part]!.source(head * perHead + (row % perHead))
          },
        },
      ]
    }
    case 'split-heads': {
      const { parts } = transform
      const perHead = rows / parts / transform.heads
      return shapes.map((shape, part) => ({
        shape,
        source: (row) => first.source(Math.floor(row / perHead) * perHead * parts + part * perHead + (row % perHead)),
      }))
    }
    case 'pad-rows':
      return [
        {
          shape: shapes[0]!,
          source: (row) => (row < transform.before || row >= transform.before + rows ? zeros : first.source(row - transform.before)),
        },
      ]
    case 'drop-rows':
      return reorder((row) => row + transform.before)
    default:
      return transform satisfies never
  }
}

function locate(stages: readonly Stage[], counts: readonly number[], row: number): RowSource {
  let part = 0
  let rest = row
  while (rest >= counts[part]!) rest -= counts[part++]!
  return stages[part]!.source(rest)
}
