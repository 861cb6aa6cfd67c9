// What only shows past a boundary: the built-in prompts cross it, and `verify` says which one it was. Copies of the example with other settings.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Verification } from '@fs/eval'
import { expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()

/** The example's weights under other settings. */
function exampleWith(name: string, settings: object): string {
  cpSync(EXAMPLE, folder.file(name), { recursive: true })
  const config = folder.file(`${name}/config.json`)
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...settings }))
  return name
}

async function verify(candidate: string, reference: string): Promise<{ code: number; said: Verification; nmse: Record<number, number> }> {
  const { code, out } = await tell(folder.path, ['verify', candidate, '--reference', reference, '--json', '--threads', '1'])
  const said: Verification = JSON.parse(out)
  return { code, said, nmse: Object.fromEntries(said.prompts.map(({ tokens, nmse }) => [tokens, nmse])) }
}

test('512 tokens, always', async () => {
  expect((await verify(EXAMPLE, EXAMPLE)).nmse).toEqual({ 12: 0, 520: 0 })
})

test('no more tokens than the shorter of the two contexts', async () => {
  const short = exampleWith('short', { max_position_embeddings: 64 })
  expect((await verify(short, EXAMPLE)).nmse).toEqual({ 12: 0, 64: 0 })
  expect((await verify(EXAMPLE, short)).nmse).toEqual({ 12: 0, 64: 0 })
})

test('a conversion to a shorter context passes its own check', async () => {
  const { code, err } = await tell(folder.path, ['convert', EXAMPLE, '--to', 'unified', '--context-length', '64', '-o', 'unified'])
  expect([code, err]).toEqual([0, expect.stringContaining('checked BF16: the same ids')])
})

test('the sliding window: another one is seen past it only', async () => {
  const mistral = { architectures: ['MistralForCausalLM'], model_type: 'mistral' }
  const [windowed, wide] = [
    exampleWith('windowed', { ...mistral, sliding_window: 32 }),
    exampleWith('wide', { ...mistral, sliding_window: null }),
  ]
  const { code, said, nmse } = await verify(wide, windowed)
  expect(Object.keys(nmse)).toEqual(['12', '40', '520'])
  expect(nmse[12]).toBe(0)
  expect(nmse[40]).toBeGreaterThan(1e-6)
  expect(code).toBe(3)
  expect(said.reasons.join('\n')).toContain('layers.0.attention.window is null in the candidate and 32 in the reference')
})

test('the original context of a stretched rope', async () => {
  const stretched = (factor: number) => ({
    rope_parameters: {
      rope_theta: 10_000,
      rope_type: 'llama3',
      factor,
      high_freq_factor: 4,
      low_freq_factor: 1,
      original_max_position_embeddings: 64,
    },
  })
  const [eight, four] = [exampleWith('eight', stretched(8)), exampleWith('four', stretched(4))]
  const { code, said, nmse } = await verify(four, eight)
  expect(Object.keys(nmse)).toEqual(['12', '72', '520'])
  expect(nmse[72]!).toBeGreaterThan(nmse[12]!)
  expect(code).toBe(3)
  expect(said.reasons.join('\n')).toMatch(/layers\.0\.attention\.position\.scaling\.factor is 4 in the candidate and 8 in the reference/)
})

test('an encoder is compared by its vectors', async () => {
  const encoder = fileURLToPath(new URL('../../../../../packages/convert/fixtures/embedding-gemma', import.meta.url))
  await tell(folder.path, ['convert', encoder, '--quant', 'f32', '-o', 'encoder.gguf', '--quiet', '--no-verify', '--threads', '1'])
  const { code, said } = await verify('encoder.gguf', encoder)
  expect([code, said.measured]).toEqual([0, 'embeddings'])
  expect(said.prompts.every(({ embeddings }) => embeddings!.meanCosine > 0.999999)).toBe(true)
})
