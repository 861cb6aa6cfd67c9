// Blocks of 32 with an importance for each number, four to a vector: records for the searches.
// The weight of a number is its importance times sqrt(spread + x²), the spread being the mean square of its row.
import { RECORDS } from '../scratch'
import { searchScalesAndMinimums } from '../search/scale-and-minimum'
import { RECORD, turnRuns } from '../vectors'
import { spreadWeights } from '../weights'

/** Bytes of the records of four blocks. */
export const RUN: usize = 32 * RECORD

/** The last, incomplete four blocks, filled up with zeros. */
const padded: usize = memory.data(512, 16)

/** Prepares the records of `blocks` blocks, at most 16. Lanes without a block hold zeros. */
export function turnWeightedBlocks(source: usize, importance: usize, blocks: i32, spread: f32): void {
  turnBlocks(source, blocks, 0)
  turnBlocks(importance, blocks, 16)
  // Runs beyond the last block keep what the call before left there: a search may read them, and nothing reads its answer.
  spreadWeights(RECORDS, ((blocks + 3) >> 2) * 32, f32x4.splat(spread))
}

/** Finds scales and minimums (`fitOf`) of at most 16 blocks with levels 0 … top. */
export function searchWeightedBlocks(source: usize, importance: usize, blocks: i32, spread: f32, top: f32): void {
  turnWeightedBlocks(source, importance, blocks, spread)
  searchScalesAndMinimums(RECORDS, 32, blocks > 8 ? 4 : 2, top, -0.9, 0.05, 36, false)
}

/** Turns `blocks` blocks of 32 floats into the part of the records at byte `part`. */
export function turnBlocks(source: usize, blocks: i32, part: usize): void {
  let records = RECORDS + part
  for (; blocks >= 4; blocks -= 4) {
    turnRuns(source, 32, records)
    source += 512
    records += RUN
  }
  if (blocks == 0) return
  memory.fill(padded, 0, 512)
  memory.copy(padded, source, blocks * 128)
  turnRuns(padded, 32, records)
}
