// What an importance matrix is for: files of few bits come closer to the original with one. On the trained example, over text it did not calibrate on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const text = fileURLToPath(new URL('../../../../../../shared/realdata/tinyshakespeare/input.txt', import.meta.url))
const absent = existsSync(text) ? '' : ' (skipped: ../shared/realdata/tinyshakespeare, the text the example was trained on, is not here)'

const run = async (...parameters: string[]): Promise<string> => {
  const { code, out, err } = await tell(folder.path, [...parameters, '--quiet'])
  expect([code, err]).toEqual([0, ''])
  return out
}

describe.skipIf(absent !== '')(`an importance matrix${absent}`, () => {
  test('lowers the divergence of Q2_K, Q3_K_M and IQ3_S', { timeout: 60_000 }, async () => {
    const all = readFileSync(text, 'utf8')
    writeFileSync(folder.file('calibration.txt'), all.slice(0, 100_000))
    writeFileSync(folder.file('evaluation.txt'), all.slice(-40_000))
    await run('imatrix', EXAMPLE, '--text', 'calibration.txt', '--context', '256', '-o', 'imatrix.gguf')
    const types = ['Q2_K', 'Q3_K_M', 'IQ3_S']
    await run('convert', EXAMPLE, '--quant', types.join(','), '-o', 'without', '--no-verify')
    await run('convert', EXAMPLE, '--quant', types.join(','), '-o', 'with', '--imatrix', 'imatrix.gguf', '--no-verify')
    await run('perplexity', EXAMPLE, '--text', 'evaluation.txt', '--context', '256', '--chunks', '8', '--save-logits', 'base.kld')
    const divergence = async (file: string): Promise<number> =>
      JSON.parse(await run('kl-divergence', file, '--base', 'base.kld', '--json')).divergence.value
    for (const type of types) {
      const [without, better] = [
        await divergence(`without/shakespeare-llama-${type}.gguf`),
        await divergence(`with/shakespeare-llama-${type}.gguf`),
      ]
      expect(better, `${type}: ${without} without, ${better} with`).toBeLessThan(without)
    }
  })
})
