// Adds importance matrices together, as llama-imatrix does with several --in-file.
import type { Imatrix, ImatrixEntry } from '@fs/formats/imatrix'
import { evalError } from '../errors.ts'

/**
 * Sums and counts are added, so a longer text weighs more. A matrix without counts of its own (the older form) counts in chunks.
 * @throws FsError `eval/imatrix-mismatch` when a tensor has another width or another number of experts
 */
export function mergeImatrices(matrices: readonly Imatrix[]): Imatrix {
  const entries = new Map<string, ImatrixEntry>()
  for (const matrix of matrices) {
    for (const [tensor, entry] of matrix.entries) {
      const earlier = entries.get(tensor)
      entries.set(tensor, earlier === undefined ? entry : add(tensor, earlier, entry))
    }
  }
  return {
    entries,
    datasets: [...new Set(matrices.flatMap(({ datasets }) => datasets))],
    chunkCount: matrices.reduce((sum, { chunkCount }) => sum + chunkCount, 0),
    chunkSize: matrices.reduce((size, { chunkSize }) => Math.max(size, chunkSize), 0),
  }
}

function add(tensor: string, left: ImatrixEntry, right: ImatrixEntry): ImatrixEntry {
  if (left.sums.length !== right.sums.length || left.counts.length !== right.counts.length) {
    throw evalError(
      'eval/imatrix-mismatch',
      `${tensor} has ${left.sums.length} values for ${left.counts.length} matrices in one importance matrix and ${right.sums.length} for ${right.counts.length} in another; they were made from different models`,
      { tensor, left: left.sums.length, right: right.sums.length },
    )
  }
  return {
    sums: left.sums.map((sum, index) => sum + right.sums[index]!),
    counts: left.counts.map((count, index) => count + right.counts[index]!),
  }
}
