// Models that need not be run, and models that cannot be.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Verification } from '@fs/eval'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell, terminalIn, useFolder } from '../../test-support/terminal.test-support.ts'
import { checkMemory } from './memory.ts'
import { openSide } from './sides.ts'

const folder = useFolder()
const run = (...parameters: string[]) => tell(folder.path, [...parameters, '--threads', '1', '--quiet'])
const schema = new Ajv2020({ allowUnionTypes: true }).compile(
  JSON.parse(readFileSync(new URL('../../../../../docs/schema/verification.schema.json', import.meta.url), 'utf8')),
)

beforeEach(async () => {
  await run('convert', EXAMPLE, '--quant', 'q8_0', '-o', 'model.gguf', '--no-verify')
})

describe('verify --weights-only', () => {
  const verify = async (): Promise<{ code: number; said: Verification }> => {
    const { code, out } = await run('verify', 'model.gguf', '--reference', EXAMPLE, '--weights-only', '--json', '--report', 'page.html')
    const said: Verification = JSON.parse(out)
    schema(said)
    expect(schema.errors ?? []).toEqual([])
    return { code, said }
  }

  test('every weight within what its type may lose holds', async () => {
    const { code, said } = await verify()
    expect(code).toBe(0)
    expect(said).toMatchObject({ holds: true, measured: 'weights', engine: 'none', prompts: [], reasons: [] })
    expect(said.diagnosis!.weights.length).toBeGreaterThan(15)
    expect(readFileSync(folder.file('page.html'), 'utf8')).toMatch(/Has the weights of the reference[\s\S]*<svg /)
    expect((await run('verify', 'model.gguf', '--reference', EXAMPLE, '--weights-only')).out).toContain('nothing was run')
  })

  test('damage to weights, to a setting and to the vocabulary is named', async () => {
    const bytes = readFileSync(folder.file('model.gguf'))
    const key = bytes.indexOf('llama.rope.freq_base') + 'llama.rope.freq_base'.length + 4
    bytes.writeFloatLE(500_000, key)
    bytes.fill(0, bytes.length - 20_000)
    writeFileSync(folder.file('model.gguf'), bytes)
    const { code, said } = await verify()
    expect(code).toBe(3)
    expect(said.reasons.join('\n')).toMatch(/\(Q8_0\) departs from the reference \(BF16\)[\s\S]*position\.base is 500000 in the candidate/)
  })

  test('saved logits have no weights', async () => {
    await run('logits', EXAMPLE)
    const saved = ['verify', EXAMPLE, '--reference', 'data/fartsovka-shakespeare-llama.bin', '--weights-only']
    expect(await run(...saved)).toMatchObject({ code: 2, err: expect.stringContaining('shows no weights of its own') })
  })
})

test('a model larger than the memory is refused before anything is loaded, with what to do', async () => {
  const { terminal } = terminalIn(folder.path)
  const side = await openSide(EXAMPLE, {}, terminal)
  const runner = { kind: 'engine', engine: 'ort' } as const
  const sides = { reference: side, candidate: side, runners: { reference: runner, candidate: runner } }
  expect(() => checkMemory(sides, 15e6)).not.toThrow()
  expect(() => checkMemory(sides, 4e6)).toThrow(
    expect.objectContaining({ code: 'cli/memory', message: expect.stringMatching(/takes about 14\.4 MB, .* 4\.0 MB; --weights-only/) }),
  )
  const mapped = { kind: 'engine', engine: 'llama.cpp' } as const
  expect(() => checkMemory({ ...sides, runners: { reference: mapped, candidate: mapped } }, 4e6)).not.toThrow()
  await side.close()
})
