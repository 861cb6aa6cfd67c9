// What an importance matrix says at a glance: how much each tensor's channels were used, how evenly, and how many experts were reached.
import { channelWeights, type Imatrix } from '@fs/formats/imatrix'

export type ImportanceStatistics = {
  readonly tensor: string
  readonly channels: number
  /** Mean square of the activations, over all channels. */
  readonly mean: number
  readonly largest: number
  /** Share of channels that were ever above 1e-5 in mean square. */
  readonly active: number
  /** Entropy of the channels' shares, as a share of what an even spread would have; 1 where all matter alike. */
  readonly evenness: number
  /** Share of matrices (experts) that any token reached. */
  readonly coverage: number
}

const ACTIVE = 1e-5

/** Tensors whose channels matter least evenly come first: they gain most from the matrix. */
export function importanceStatistics({ entries }: Imatrix): readonly ImportanceStatistics[] {
  const rows = [...entries].map(([tensor, entry]): ImportanceStatistics => {
    const weights = channelWeights(entry)
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const entropy = weights.reduce((total, weight) => (weight > 0 ? total - (weight / sum) * Math.log(weight / sum) : total), 0)
    return {
      tensor,
      channels: weights.length,
      mean: sum / weights.length,
      largest: weights.reduce((most, weight) => Math.max(most, weight), 0),
      active: weights.filter((weight) => weight > ACTIVE).length / weights.length,
      evenness: sum > 0 && weights.length > 1 ? entropy / Math.log(weights.length) : 1,
      coverage: entry.counts.filter((count) => count > 0).length / entry.counts.length,
    }
  })
  return rows.sort((left, right) => left.evenness - right.evenness)
}
