// What the linear layers of two models read for the same tokens, compared in the order of computation: where the two part for the first time.
import { type ErrorFigures, errorSums } from '../comparison/error-sums.ts'

export type LayerDifference = { readonly layer: string } & Pick<ErrorFigures, 'nmse' | 'largestDifference' | 'cosine'>

/**
 * @param reference what each linear layer read, by canonical name in the order of computation (`openLayerInputs` of `@fs/runtime`)
 * @returns one row for each layer both have with the same size
 */
export function compareLayerInputs(
  reference: ReadonlyMap<string, Float32Array>,
  candidate: ReadonlyMap<string, Float32Array>,
): readonly LayerDifference[] {
  return [...reference].flatMap(([layer, values]) => {
    const other = candidate.get(layer)
    if (other === undefined || other.length !== values.length) return []
    const sums = errorSums()
    sums.add(values, other)
    const { nmse, largestDifference, cosine } = sums.figures()
    return [{ layer, nmse, largestDifference, cosine }]
  })
}
