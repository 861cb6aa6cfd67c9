// Weights by way of a disk: the same logits, and nothing left behind, whatever happens.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DecoderSpec } from '@fs/arch'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLanguageModel } from '../language-model/open-language-model.ts'
import { nmse } from '../test-support/fixtures.test-support.ts'
import { randomWeights, weightReader } from '../test-support/random-weights.test-support.ts'
import { referenceLogits } from '../test-support/reference-model.test-support.ts'
import { SMALL_DECODERS } from '../test-support/small-specs.test-support.ts'
import { nodeBackend } from './onnxruntime-node.ts'

const spec = SMALL_DECODERS.plain as DecoderSpec
const weights = randomWeights(spec)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scratch-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a model opened by way of a scratch folder computes the same, and the folder is empty again', async () => {
  const backend = nodeBackend({ threads: 1, scratchFolder: folder })
  const model = await openLanguageModel({ spec, weights: weightReader(weights), backend, arithmetic: 'exact' })
  expect(await readdir(folder)).toEqual([])
  const logits = await model.prefill({ sequence: model.createSequence(), tokens: [7, 3, 41] }, 'all')
  expect(nmse(logits, referenceLogits(spec, weights, [7, 3, 41]))).toBeLessThan(1e-10)
  await model.dispose()
})

test('weights that fail half-way leave nothing behind', async () => {
  const backend = nodeBackend({ threads: 1, scratchFolder: folder })
  const reader = weightReader(weights)
  let left = 5
  const failing = {
    ...reader,
    read: (...place: Parameters<typeof reader.read>) => (left-- > 0 ? reader.read(...place) : Promise.reject(new Error('gone'))),
  }
  await expect(openLanguageModel({ spec, weights: failing, backend, arithmetic: 'exact' })).rejects.toThrow('gone')
  expect(await readdir(folder)).toEqual([])
})

test('a folder that does not exist is named', async () => {
  const backend = nodeBackend({ scratchFolder: join(folder, 'missing') })
  await expect(openLanguageModel({ spec, weights: weightReader(weights), backend, arithmetic: 'exact' })).rejects.toThrow(/missing/)
})
