// Weights by way of a disk: the same logits, and nothing left behind, whatever happens.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
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
import { stageOnDisk } from './stage-on-disk.ts'

const spec = SMALL_DECODERS.plain as DecoderSpec
const weights = randomWeights(spec)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scratch-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('a model opened by way of a scratch folder computes the same, and the folder is empty again', async () => {
  const backend = nodeBackend({ threads: 1, scratchFolder: folder, scratchFrom: 0 })
  const model = await openLanguageModel({ spec, weights: weightReader(weights), backend, arithmetic: 'exact' })
  expect(await readdir(folder)).toEqual([])
  const logits = await model.prefill({ sequence: model.createSequence(), tokens: [7, 3, 41] }, 'all')
  expect(nmse(logits, referenceLogits(spec, weights, [7, 3, 41]))).toBeLessThan(1e-10)
  await model.dispose()
})

test('weights that fail half-way leave nothing behind', async () => {
  const backend = nodeBackend({ threads: 1, scratchFolder: folder, scratchFrom: 0 })
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
  const backend = nodeBackend({ scratchFolder: join(folder, 'missing'), scratchFrom: 0 })
  await expect(openLanguageModel({ spec, weights: weightReader(weights), backend, arithmetic: 'exact' })).rejects.toThrow(/missing/)
})

test('few bytes, and more than there is room for, are left to memory', async () => {
  expect(await stageOnDisk(folder, 2 ** 20)).toBeNull()
  expect(await stageOnDisk(folder, 2 ** 60)).toBeNull()
})

test('what killed processes left behind goes after an hour, and nothing else does', async () => {
  const { pid: dead } = spawnSync(process.execPath, ['-e', ''])
  const old = new Date(Date.now() - 2 * 3_600_000)
  const names = { left: `fartsovka-weights-${dead}-a`, fresh: `fartsovka-weights-${dead}-b`, running: `fartsovka-weights-${process.pid}-c` }
  for (const name of [...Object.values(names), 'unrelated']) {
    await mkdir(join(folder, name))
    if (name !== names.fresh) await utimes(join(folder, name), old, old)
  }
  await stageOnDisk(folder, 1, 0)
  expect((await readdir(folder)).toSorted()).toEqual([names.fresh, names.running, 'unrelated'].toSorted())
})

test('a disk that becomes full half-way is named, and nothing stays on it (skipped where tmpfs cannot be mounted)', async (context) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk])
  if (mounted.status !== 0) return context.skip('no tmpfs')
  try {
    const stage = await stageOnDisk(disk, 1000, 0)
    async function* pieces() {
      for (const offset of [0, 700_000]) yield { location: 'model.onnx_data', offset, data: new Uint8Array(700_000).fill(1) }
    }
    await expect(stage!(new Uint8Array(10), pieces())).rejects.toMatchObject({
      code: 'runtime/session-failed',
      message: expect.stringContaining('ENOSPC'),
    })
    expect(await readdir(disk)).toEqual([])
  } finally {
    execFileSync('umount', [disk])
  }
})
