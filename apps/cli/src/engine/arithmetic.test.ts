// What each way of computing costs, beside the real llama.cpp: logits of the same file against those of its stored weights in float32.
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { modelWeights, openModel } from '@fs/convert'
import type { LanguageModel } from '@fs/core'
import { compareLogits } from '@fs/eval'
import { openPath } from '@fs/formats/node'
import { openLanguageModel } from '@fs/runtime'
import { nodeBackend } from '@fs/runtime/node'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../test-support/terminal.test-support.ts'
import { openEngine } from './engines.ts'
import { tokenizerOf } from './text-model.ts'

const folder = useFolder()
const realdata = join(import.meta.dirname, '../../../../../shared/realdata')
const MODELS = [EXAMPLE, join(realdata, 'stories260k-hf'), join(realdata, 'tinystories-656k-hf')]
const TEXT =
  'Once upon a time there was a little girl who lived in a house near the wood. ROMEO: What light through yonder window breaks? The king was old and tired, and the people of the town came to him every day with their troubles and their songs.'

async function costs(path: string): Promise<{ readonly fast: number; readonly fastest: number; readonly llamaCpp: number }> {
  const opened = await openModel(await openPath(path))
  const { spec } = opened.description
  if (spec.kind !== 'decoder') throw new Error(`${path} is no decoder`)
  const tokens = (await tokenizerOf(opened.checkpoint)).encode(TEXT, { addSpecialTokens: true }).slice(0, 128)
  const logitsOf = async (model: LanguageModel) => {
    const logits = await model.prefill({ sequence: model.createSequence(), tokens }, 'all')
    await model.dispose()
    return logits
  }
  const ours = async (arithmetic: 'exact' | 'fast' | 'fastest') =>
    logitsOf(await openLanguageModel({ spec, weights: modelWeights(opened), backend: nodeBackend({ threads: 1 }), arithmetic }))
  const exact = await ours('exact')
  const nmse = (logits: Float32Array) => compareLogits(exact, logits, spec.vocabularySize).nmse
  const result = {
    fast: nmse(await ours('fast')),
    fastest: nmse(await ours('fastest')),
    llamaCpp: nmse(await logitsOf(await openEngine(opened, { engine: 'llama.cpp', threads: 1 }))),
  }
  await opened.checkpoint.close()
  return result
}

describe.each(MODELS.map((path) => [basename(path), path] as const))('%s', (name, path) => {
  test.skipIf(!existsSync(path)).each(['q4_0', 'q4_k_m', 'q6_k', 'q8_0'])(
    '%s: fast is as near to the stored weights as llama.cpp, fastest not much further (skipped without the model)',
    async (quant) => {
      await tell(folder.path, ['convert', path, '--quant', quant, '-o', 'm.gguf', '--no-verify', '--quiet'])
      const { fast, fastest, llamaCpp } = await costs(folder.file('m.gguf'))
      if (process.env.FARTSOVKA_MEASURE_ALL === '1')
        console.log(`| ${name} | ${quant.toUpperCase()} | ${[fast, fastest, llamaCpp].map((cost) => cost.toExponential(1)).join(' | ')} |`)
      expect(fast).toBeLessThan(1.5 * llamaCpp)
      expect(fastest).toBeLessThan(4 * llamaCpp)
      expect(fastest).toBeLessThan(1e-3)
    },
  )
})
