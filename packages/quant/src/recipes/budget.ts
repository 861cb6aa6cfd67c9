// Chooses a type for each tensor so that all of them together fit a number of bytes and lose as little as can be.
// Sizes and errors are given: measuring them is the business of whoever has the weights.
import type { GgmlType } from '@fs/core'
import { quantError } from '../errors.ts'

/** What a tensor would cost as one type. */
export type BudgetCandidate = {
  readonly type: GgmlType
  readonly bytes: number
  /** What is lost, in a measure that may be added up over tensors; not negative. */
  readonly error: number
}

export type BudgetTensor = { readonly name: string; readonly candidates: readonly BudgetCandidate[] }

export type BudgetChoice = {
  readonly name: string
  readonly chosen: BudgetCandidate
  /** The next better type worth having, which there was no room for; undefined where the best was taken. */
  readonly next?: BudgetCandidate
}

/** From one type of a tensor to the next better one. */
type Upgrade = { readonly tensor: number; readonly step: number; readonly bytes: number; readonly gain: number }

/**
 * Every tensor starts with its smallest type; then the upgrade that saves most error for a byte is taken, again and again, as long as it fits. A
 * tensor's upgrades run along the lower convex hull of its (bytes, error) points, so each is worth less for a byte than the one before: with all of
 * the budget spent this is the optimum (Lagrange), otherwise it is at most one upgrade away. More bytes never give more error: where two budgets
 * first decide differently, the larger takes an upgrade that the smaller has no room for, and nothing that fits into less room is worth more.
 *
 * @param limit bytes all tensors may take together, with what is taken already
 * @param taken bytes of what there is no choice about
 * @returns one choice for each tensor, in order; the same input gives the same output, whatever the order of the tensors
 * @throws FsError `recipe/budget` when even the smallest types do not fit
 */
export function chooseWithinBudget(tensors: readonly BudgetTensor[], limit: number, taken = 0): readonly BudgetChoice[] {
  const hulls = tensors.map(({ candidates }) => lowerHull(candidates))
  const steps = hulls.map(() => 0)
  const smallest = hulls.reduce((sum, hull) => sum + hull[0]!.bytes, taken)
  let left = limit - smallest
  if (left < 0) {
    const message = `In the smallest types there are for its tensors the model takes ${smallest} bytes, and ${limit} were allowed; allow more, or give an importance matrix, with which smaller types make sense.`
    throw quantError('recipe/budget', message, { smallest, limit })
  }
  const stopped = new Set<number>()
  for (const { tensor, step, bytes } of upgradesByWorth(tensors, hulls)) {
    if (stopped.has(tensor)) continue
    if (bytes > left) stopped.add(tensor)
    else {
      left -= bytes
      steps[tensor] = step
    }
  }
  return tensors.map(({ name }, index) => {
    const chosen = hulls[index]![steps[index]!]!
    const next = hulls[index]![steps[index]! + 1]
    return { name, chosen, ...(next === undefined ? {} : { next }) }
  })
}

function upgradesByWorth(tensors: readonly BudgetTensor[], hulls: readonly (readonly BudgetCandidate[])[]): readonly Upgrade[] {
  const upgrades = hulls.flatMap((hull, tensor) =>
    hull.slice(1).map((candidate, before): Upgrade => {
      const { bytes, error } = hull[before]!
      return { tensor, step: before + 1, bytes: candidate.bytes - bytes, gain: error - candidate.error }
    }),
  )
  const name = ({ tensor }: Upgrade) => tensors[tensor]!.name
  return upgrades.sort(
    (left, right) => right.gain / right.bytes - left.gain / left.bytes || left.step - right.step || (name(left) < name(right) ? -1 : 1),
  )
}

/** The candidates worth having: each larger one has less error, and each step saves less for a byte than the one before. */
function lowerHull(candidates: readonly BudgetCandidate[]): readonly BudgetCandidate[] {
  const sorted = [...candidates].sort(
    (left, right) => left.bytes - right.bytes || left.error - right.error || (left.type < right.type ? -1 : 1),
  )
  const hull: BudgetCandidate[] = []
  for (const candidate of sorted) {
    const last = hull.at(-1)
    if (last !== undefined && candidate.error >= last.error) continue
    while (hull.length > 1 && worth(hull.at(-2)!, hull.at(-1)!) <= worth(hull.at(-1)!, candidate)) hull.pop()
    hull.push(candidate)
  }
  return hull
}

/** Error saved for each byte by going from one candidate to a larger one. */
function worth(from: BudgetCandidate, to: BudgetCandidate): number {
  return (from.error - to.error) / (to.bytes - from.bytes)
}
