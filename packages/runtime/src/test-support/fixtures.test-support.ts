// The tiny checkpoints that lie beside this repository, with what transformers makes of them. Tests that use them skip when they are absent.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../../../../../shared/', import.meta.url))

/** Use as `test.skipIf(noShared)`: the checkpoints are not at hand. */
export const noShared = !existsSync(root)

export const shared = (path: string): string => `${root}${path}`

export type ReferencePrompt = {
  readonly text: string
  readonly ids: readonly number[]
  readonly greedy: readonly number[]
  readonly nll_sum: number
}

/** Prompts of a fixture, and the last position's logits of each. */
export function reference(name: string): { readonly prompts: readonly ReferencePrompt[]; readonly logits: readonly Float32Array[] } {
  const { prompts } = JSON.parse(readFileSync(shared(`fixtures/models/${name}/reference.json`), 'utf8')) as { prompts: ReferencePrompt[] }
  const bytes = readFileSync(shared(`fixtures/models/${name}/reference.logits.f32`))
  const all = new Float32Array(new Uint8Array(bytes).buffer)
  const columns = all.length / prompts.length
  return { prompts, logits: prompts.map((_, row) => all.subarray(row * columns, (row + 1) * columns)) }
}

/** Mean squared error over the variance of what was expected. */
export function nmse(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length)
  let mean = 0
  for (const value of expected) mean += value / expected.length
  let error = 0
  let variance = 0
  for (let index = 0; index < expected.length; index++) {
    error += (actual[index]! - expected[index]!) ** 2
    variance += (expected[index]! - mean) ** 2
  }
  return error / variance
}

/** The largest difference, as a share of the largest expected magnitude. */
export function largestDifference(actual: Float32Array, expected: Float32Array): number {
  expect(actual.length).toBe(expected.length)
  let difference = 0
  let magnitude = 0
  for (let index = 0; index < expected.length; index++) {
    difference = Math.max(difference, Math.abs(actual[index]! - expected[index]!))
    magnitude = Math.max(magnitude, Math.abs(expected[index]!))
  }
  return difference / magnitude
}

export function argmax(values: Float32Array): number {
  let best = 0
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index
  return best
}
