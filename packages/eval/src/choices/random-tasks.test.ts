import { expect, it } from 'vitest'
import { drawInTurn, drawSome, mersenneTwister } from './random-tasks.ts'

it('the Mersenne Twister gives the numbers its standard names', () => {
  // C++ [rand.predef]: the 10000th number of a default-constructed mt19937, seeded with 5489, is 4123659995.
  const next = mersenneTwister(5489)
  const numbers = Array.from({ length: 10_000 }, next)
  expect(numbers.at(-1)).toBe(4_123_659_995)
  expect(mersenneTwister(1)()).toBe(1_791_095_845)
})

it('tasks are drawn once each', () => {
  for (const draw of [drawInTurn, drawSome]) {
    const drawn = draw(50, 20)
    expect(new Set(drawn).size).toBe(20)
    expect(Math.max(...drawn)).toBeLessThan(50)
    expect(draw(50, 1000).toSorted((left, right) => left - right)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  }
})

it('all of a file stay in its order, except for HellaSwag’s', () => {
  expect(drawSome(5, 5)).toEqual([0, 1, 2, 3, 4])
  expect(drawInTurn(5, 5)).not.toEqual([0, 1, 2, 3, 4])
})
