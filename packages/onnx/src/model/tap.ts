// Further outputs of a graph: what its linear layers read. For importance matrices and for finding where two models part.
// A graph without taps is the same, node for node, as if this file did not exist.
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Building } from './building.ts'

/**
 * `inputs`: every linear layer's input, `tap.input.NAME` [batch, sequence, inputs], where NAME is the canonical weight's without `.weight`.
 * `squares`: only the sum of squares of each input channel, `tap.squares.NAME` [1, 1, inputs], and how many rows it is of,
 * `tap.counts.NAME` int64 [1]. An expert's NAME ends in `.experts.N.gate`.
 */
export type Taps = 'inputs' | 'squares'

export const TAP_INPUTS = 'tap.input.'
export const TAP_SQUARES = 'tap.squares.'
export const TAP_COUNTS = 'tap.counts.'

/** @param name canonical, without `.weight` */
export function tapInput({ builder, options }: Building, name: string, inputs: number, value: Value): void {
  const { taps } = options
  switch (taps) {
    case undefined:
      return
    case 'inputs':
      builder.output(
        { name: `${TAP_INPUTS}${name}`, type: options.precision, shape: ['tap_batch', 'tap_rows', inputs] },
        builder.node(`tap.${name}`, 'Identity', [value]),
      )
      return
    case 'squares': {
      const axes = builder.constant('int64', [0, 1])
      builder.output(
        { name: `${TAP_SQUARES}${name}`, type: options.precision, shape: [1, 1, inputs] },
        builder.node(`tap.${name}`, 'ReduceSumSquare', [value, axes], { keepdims: int(1) }),
      )
      const rows = builder.node(`tap.${name}`, 'Shape', [value], { start: int(1), end: int(2) })
      builder.output({ name: `${TAP_COUNTS}${name}`, type: 'int64', shape: [1] }, rows)
      return
    }
    default:
      taps satisfies never
  }
}
