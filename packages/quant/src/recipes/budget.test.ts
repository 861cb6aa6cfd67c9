// Types within a budget: by hand, and what holds for any input.
import { FsError } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BudgetTensor, chooseWithinBudget } from './index.ts'

const types = ['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K', 'Q8_0'] as const

const tensors: fc.Arbitrary<readonly BudgetTensor[]> = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^[a-z]{1,4}$/),
    candidates: fc
      .array(fc.record({ bytes: fc.integer({ min: 1, max: 1000 }), error: fc.integer({ min: 0, max: 1000 }) }), {
        minLength: 1,
        maxLength: 6,
      })
      .map((sizes) => sizes.map((size, index) => ({ type: types[index]!, ...size }))),
  }),
  { selector: ({ name }) => name, minLength: 1, maxLength: 8 },
)

const total = (choices: ReturnType<typeof chooseWithinBudget>, what: 'bytes' | 'error') =>
  choices.reduce((sum, { chosen }) => sum + chosen[what], 0)

const smallest = (all: readonly BudgetTensor[]) =>
  all.reduce((sum, { candidates }) => sum + Math.min(...candidates.map(({ bytes }) => bytes)), 0)

describe('by hand', () => {
  const model: readonly BudgetTensor[] = [
    {
      name: 'small and sensitive',
      candidates: [
        { type: 'Q4_K', bytes: 10, error: 8 },
        { type: 'Q6_K', bytes: 14, error: 1 },
      ],
    },
    {
      name: 'large',
      candidates: [
        { type: 'Q4_K', bytes: 100, error: 4 },
        { type: 'Q5_K', bytes: 120, error: 3.9 },
        { type: 'Q6_K', bytes: 140, error: 1 },
      ],
    },
  ]
  const chosen = (limit: number) => chooseWithinBudget(model, limit).map((choice) => choice.chosen.type)

  test('the first bytes go where they save most', () => {
    expect(chosen(110)).toEqual(['Q4_K', 'Q4_K'])
    expect(chosen(114)).toEqual(['Q6_K', 'Q4_K'])
    expect(chosen(154)).toEqual(['Q6_K', 'Q6_K'])
  })

  test('a type that is worth less for a byte than the next is passed over, and the next is named', () => {
    expect(chosen(153)).toEqual(['Q6_K', 'Q4_K'])
    expect(chooseWithinBudget(model, 153)[1]).toMatchObject({ next: { type: 'Q6_K' } })
    expect(chooseWithinBudget(model, 154)[1]).not.toHaveProperty('next')
  })

  test('too small a budget says how small it can be', () => {
    expect(() => chooseWithinBudget(model, 109)).toThrow(/takes 110 bytes, and 109 were allowed/)
    expect(() => chooseWithinBudget(model, 1109, 1000)).toThrow(/takes 1110 bytes, and 1109 were allowed/)
    try {
      chooseWithinBudget(model, 109)
    } catch (error) {
      expect(FsError.is(error) && error.code).toBe('recipe/budget')
    }
  })
})

describe('for any tensors', () => {
  test('never above the budget, and feasible whenever the smallest types are', () => {
    fc.assert(
      fc.property(tensors, fc.nat(3000), (all, room) => {
        const limit = smallest(all) + room
        expect(total(chooseWithinBudget(all, limit), 'bytes')).toBeLessThanOrEqual(limit)
        expect(() => chooseWithinBudget(all, smallest(all) - 1)).toThrow(FsError)
      }),
    )
  })

  test('more bytes never give more error', () => {
    fc.assert(
      fc.property(tensors, fc.nat(3000), fc.nat(500), (all, room, more) => {
        const [less, full] = [room, room + more].map((extra) => total(chooseWithinBudget(all, smallest(all) + extra), 'error'))
        expect(full).toBeLessThanOrEqual(less!)
      }),
    )
  })

  test('the order in which tensors and candidates come changes nothing', () => {
    fc.assert(
      fc.property(tensors, fc.nat(3000), (all, room) => {
        const limit = smallest(all) + room
        const turned = [...all].reverse().map(({ name, candidates }) => ({ name, candidates: [...candidates].reverse() }))
        expect([...chooseWithinBudget(turned, limit)].reverse()).toEqual(chooseWithinBudget(all, limit))
      }),
    )
  })

  test('the best there is, or one refused upgrade away from it', () => {
    const few = tensors.filter((all) => all.length <= 4)
    fc.assert(
      fc.property(few, fc.nat(3000), (all, room) => {
        const limit = smallest(all) + room
        const choices = chooseWithinBudget(all, limit)
        const refused = Math.max(0, ...choices.map(({ chosen, next }) => (next === undefined ? 0 : chosen.error - next.error)))
        expect(total(choices, 'error') - leastError(all, limit)).toBeLessThanOrEqual(refused)
      }),
    )
  })
})

/** By trying every combination. */
function leastError(all: readonly BudgetTensor[], limit: number): number {
  const [first, ...rest] = all
  if (first === undefined) return limit < 0 ? Number.POSITIVE_INFINITY : 0
  return Math.min(...first.candidates.map(({ bytes, error }) => error + leastError(rest, limit - bytes)))
}
