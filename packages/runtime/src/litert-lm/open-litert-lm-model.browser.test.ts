// The engine as it is meant to be run: in a browser, loaded by its own library, on the CPU.
import type { DecoderSpec } from '@fs/arch'
import * as library from '@litert-lm/core'
import { expect, test, vi } from 'vitest'
import { asText, greedyText, smallBundle } from '../test-support/bundle.test-support.ts'
import { randomWeights } from '../test-support/random-weights.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { openLiteRtLmModel } from './open-litert-lm-model.ts'

/** The package exports its script only; its WebAssembly is fetched from beside it. */
const WASM = new URL('../../node_modules/@litert-lm/core/wasm', import.meta.url)

test('a bundle writes in a browser what its description means', async () => {
  // It logs a page for every bundle.
  for (const method of ['log', 'warn', 'error'] as const) vi.spyOn(console, method).mockImplementation(() => {})
  await library.loadLiteRtLm(WASM.pathname)
  const spec = SMALL_DECODERS.plain as DecoderSpec
  const weights = randomWeights(spec)
  const model = await openLiteRtLmModel(library, { bundle: await smallBundle(spec, weights, 0), name: 'small.litertlm' })
  const prompt = [7, 3, 41, 12, 9]
  const expected = greedyText(spec, weights, prompt, 12)
  expect(await model.complete(asText(prompt), { maxTokens: 12 })).toBe(expected)
  let answer = ''
  for await (const part of model.answer([{ role: 'user', content: asText(prompt) }], { maxTokens: 12 })) answer += part
  expect(answer).toBe(expected)
  await model.dispose()
})
