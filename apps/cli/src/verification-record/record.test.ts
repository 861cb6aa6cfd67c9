// The record of a verification in a file: what is written, that weights stay, who reads it, and how a record of other weights is found.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { openPath } from '@fs/formats/node'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../test-support/terminal.test-support.ts'
import { readRecord, tensorsDigest } from './record.ts'

const folder = useFolder()
const run = (...parameters: string[]) => tell(folder.path, [...parameters, '--threads', '1', '--quiet'])
const verify = (...more: string[]) => run('verify', 'model.gguf', '--reference', EXAMPLE, '--prompt', 'ROMEO:', ...more)

/** The folder is new for each test; the conversion is not. */
let converted: Uint8Array | undefined

beforeEach(async () => {
  if (converted === undefined) {
    await run('convert', EXAMPLE, '--quant', 'q8_0', '-o', 'model.gguf', '--no-verify')
    converted = readFileSync(folder.file('model.gguf'))
  } else writeFileSync(folder.file('model.gguf'), converted)
})

async function opened(name = 'model.gguf') {
  const checkpoint = await openPath(folder.file(name))
  const entries = [...checkpoint.metadata!].filter(([key]) => key.startsWith('fartsovka.'))
  const digest = await tensorsDigest(checkpoint, new AbortController().signal)
  const others = [...checkpoint.metadata!.keys()].filter((key) => !key.startsWith('fartsovka.'))
  await checkpoint.close()
  return {
    record: readRecord(new Map(entries)),
    entries: Object.fromEntries(entries.map(([key, value]) => [key.slice(23), value.value])),
    digest,
    others,
  }
}

describe('verify --record', () => {
  test('writes what was found, and leaves weights and other keys as they are', async () => {
    const before = await opened()
    expect(before.entries).toEqual({})
    expect(await verify('--record', '--weights')).toMatchObject({ code: 0 })
    const after = await opened()
    expect([after.digest, after.others]).toEqual([before.digest, before.others])
    expect(after.entries).toEqual({
      holds: true,
      // Not where it lies on this disk.
      reference: 'shakespeare-llama',
      engine: 'ort',
      reference_engine: 'ort',
      measured: 'logits',
      prompts: 1,
      tokens: expect.any(Number),
      nmse: expect.any(Number),
      max_nmse: 0.01,
      weights: expect.any(Number),
      tool: expect.stringMatching(/^fartsovka \d/),
      tensors_sha256: before.digest,
    })
    expect(readdirSync(folder.path)).toEqual(['model.gguf'])
  })

  test('again: the record is replaced, also by one that does not hold', async () => {
    await verify('--record', '--weights')
    expect(await verify('--record', '--max-nmse', '1e-12')).toMatchObject({ code: 3 })
    const { record, entries } = await opened()
    expect([record?.holds, entries.max_nmse]).toEqual([false, 1e-12])
    await verify('--record')
    expect((await opened()).entries).not.toHaveProperty('weights')
  })

  test.each([
    ['what is no GGUF file', EXAMPLE],
    ['what is not there', 'org/name'],
  ])('into %s: exit code 2 before anything is measured', async (_what, candidate) => {
    expect(await run('verify', candidate, '--reference', EXAMPLE, '--record')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--record writes into a GGUF file'),
    })
  })
})

test('quantizing makes other weights and drops the record; splitting and merging keep it', async () => {
  await verify('--record')
  await run('quantize', 'model.gguf', '--quant', 'q4_0', '--allow-requantize', '-o', 'small.gguf')
  expect((await opened('small.gguf')).entries).toEqual({})
  await run('split', 'model.gguf', '-o', 'part', '--max-tensors', '10')
  await run('merge', readdirSync(folder.path).find((name) => name.startsWith('part-00001'))!, '-o', 'whole.gguf')
  const whole = await opened('whole.gguf')
  expect(whole.record?.tensors).toBe(whole.digest)
})

test('doctor finds a record of other weights; the card shows one that is there', async () => {
  await verify('--record')
  const codes = async () =>
    JSON.parse((await run('doctor', 'model.gguf', '--json')).out).findings.map(({ code }: { readonly code: string }) => code)
  expect(await codes()).not.toContain('stale-record')
  const { out } = await run('hub', 'card', 'model.gguf', '--repository', 'ann/m-GGUF')
  expect(out).toMatch(/\| model\.gguf \| Q8_0 \| \d\.\d\d GB \| holds, NMSE \d\.\de-\d against shakespeare-llama \|/)
  const bytes = readFileSync(folder.file('model.gguf'))
  bytes[bytes.length - 40]! ^= 1
  writeFileSync(folder.file('model.gguf'), bytes)
  expect(await codes()).toContain('stale-record')
})
