// From figures to a sentence: what made two models differ. The figures come from the other files of this folder.
import type { FieldDifference } from './compare-descriptions.ts'
import type { LayerDifference } from './compare-layers.ts'
import type { WeightDifference } from './compare-weights.ts'

export type Diagnosis = {
  /** Settings the two descriptions disagree in. */
  readonly fields: readonly FieldDifference[]
  /** What each linear layer read, in the order of computation. */
  readonly layers: readonly LayerDifference[]
  readonly weights: readonly WeightDifference[]
}

/** One sentence for each thing found, the likeliest cause first. @param limit normalized mean squared error above which a layer departs */
export function findings({ fields, layers, weights }: Diagnosis, limit: number): readonly string[] {
  const found: string[] = []
  const departing = weights.filter(({ departs }) => departs)
  const [first] = departing
  if (first !== undefined) {
    const others = departing.length === 1 ? '' : `, and ${departing.length - 1} more, ${departing.at(-1)!.tensor} the last of them`
    found.push(
      `${first.tensor} (${first.candidateType}) departs from the reference (${first.referenceType}): relative error ${first.relativeError.toExponential(2)}, where its type explains ${first.expected.toExponential(1)}${others}`,
    )
  }
  for (const { field, reference, candidate, layers: inLayers } of fields) {
    const where = inLayers.length > 1 ? ` (and in ${inLayers.length - 1} more layers)` : ''
    found.push(`${field} is ${candidate} in the candidate and ${reference} in the reference${where}`)
  }
  const departed = layers.findIndex(({ nmse }) => nmse > limit)
  if (departed >= 0) {
    const { layer, nmse } = layers[departed]!
    const last = layers[departed - 1]
    found.push(
      last === undefined
        ? `already what ${layer} reads differs (NMSE ${nmse.toExponential(2)}): the embedding or the first norm`
        : `computation departs between ${last.layer} (its input still agrees, NMSE ${last.nmse.toExponential(2)}) and ${layer} (NMSE ${nmse.toExponential(2)})`,
    )
  }
  if (found.length > 0) return found
  const worst = [...weights].sort((left, right) => right.relativeError / right.expected - left.relativeError / left.expected)[0]
  return worst === undefined
    ? []
    : [
        `no tensor stands out; ${worst.tensor} (${worst.candidateType}) lost most for its type, relative error ${worst.relativeError.toExponential(2)}`,
      ]
}
