// `--engine transformers`: with the real one where FARTSOVKA_PYTHON or python3 has it, and what is said where it is not, always.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'
import { findPython } from './find-python.ts'

const folder = useFolder()
const python = await findPython(process.env)
const here = python.kind === 'found' ? { FARTSOVKA_PYTHON: python.command, PATH: process.env.PATH ?? '' } : {}

const verify = async (environment: { readonly [name: string]: string }, ...more: string[]) => {
  await tell(folder.path, ['convert', EXAMPLE, '--quant', 'f32', '-o', 'model.gguf', '--quiet', '--no-verify'])
  const parameters = ['verify', 'model.gguf', '--reference', EXAMPLE, '--engine', 'transformers', '--threads', '1', '--json', ...more]
  return tell(folder.path, parameters, { environment })
}

describe.skipIf(python.kind === 'absent')(
  `transformers itself (${python.kind === 'absent' ? `skipped: ${python.reason}` : 'found'})`,
  () => {
    test('computes what our conversion computes, and encodes what our tokenizer encodes', async () => {
      const { code, out } = await verify(here)
      const said = JSON.parse(out)
      expect(said).toMatchObject({ holds: true, engine: 'ort', referenceEngine: 'transformers', maxNmse: 1e-6 })
      expect(code).toBe(0)
      for (const { nmse, firstDifferentToken } of said.prompts) {
        expect(nmse).toBeGreaterThan(0)
        expect(nmse).toBeLessThan(1e-10)
        expect(firstDifferentToken).toBe(null)
      }
    })

    test('has the same vectors after the last norm', async () => {
      const { code, out } = await verify(here, '--embeddings', '--prompt', 'ROMEO:')
      expect([code, JSON.parse(out).holds]).toEqual([0, true])
    })

    test('saves logits under the name PyTorch’s have, which verify takes as a side', async () => {
      const logits = ['logits', EXAMPLE, '--engine', 'transformers', '--prompt', 'ROMEO:', '--threads', '1']
      expect(await tell(folder.path, logits, { environment: here })).toMatchObject({ code: 0 })
      const saved = 'data/pytorch-shakespeare-llama.bin'
      expect(readFileSync(folder.file(saved)).length).toBe(4 * 1024)
      expect(await tell(folder.path, ['verify', EXAMPLE, '--reference', saved, '--threads', '1', '--max-nmse', '1e-10'])).toMatchObject({
        code: 0,
      })
    })
  },
)

describe('where there is no such Python', () => {
  test('that is one sentence, and ONNX Runtime runs both sides', async () => {
    const { code, out, err } = await verify({ FARTSOVKA_PYTHON: '/nowhere/python' }, '--prompt', 'ROMEO:')
    expect(code).toBe(0)
    expect(err).toMatch(/^transformers was not asked: FARTSOVKA_PYTHON=\/nowhere\/python is no Python that runs; .*\n$/)
    expect(JSON.parse(out)).toMatchObject({ holds: true, engine: 'ort', referenceEngine: 'ort' })
    expect((await verify({ PATH: '/nowhere' }, '--prompt', 'ROMEO:')).err).toContain('there is no python3')
  })

  test('logits has nothing else to say', async () => {
    const logits = ['logits', EXAMPLE, '--engine', 'transformers']
    expect(await tell(folder.path, logits, { environment: { PATH: '/nowhere' } })).toMatchObject({
      code: 1,
      err: expect.stringContaining('there is no python3'),
    })
  })
})

/** A command that passes for a Python with everything until it is asked. */
const pretending = (then: string) => {
  const path = folder.file('python')
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = "-c" ]; then echo; exit 0; fi\n${then}\n`)
  chmodSync(path, 0o755)
  return { FARTSOVKA_PYTHON: path, PATH: process.env.PATH ?? '' }
}

describe.skipIf(process.platform === 'win32')('a Python that fails (skipped on Windows, which runs no shell scripts)', () => {
  test.each([
    ['ends', 'echo "Segmentation fault" >&2; exit 1', 'Segmentation fault'],
    ['says what went wrong', `echo '{"error": "OSError: no weights"}'`, 'OSError: no weights'],
    ['says something else', 'echo hello; cat >/dev/null', 'its answer is not understood'],
    [
      'gives other rows than asked',
      `echo '{}'; echo '{"tokens": [1, 2]}'; echo '{"rows": 7, "columns": 4}'; cat >/dev/null`,
      '7 rows came for',
    ],
    ['is cut short', `echo '{}'; echo '{"tokens": [1, 2]}'; echo '{"rows": 2, "columns": 4}'; exit 3`, 'ended without a word'],
  ])('%s: one sentence', async (_what, then, sentence) => {
    const { code, out } = await verify(pretending(then), '--prompt', 'ROMEO:')
    expect(code).toBe(1)
    expect(JSON.parse(out).error).toMatchObject({ code: 'cli/transformers', message: expect.stringContaining(sentence) })
  })
})

test.each([
  ['a GGUF file', ['--quant', 'f32', '-o', 'model.gguf'], 'model.gguf'],
  ['a unified folder', ['--to', 'unified', '-o', 'unified'], 'unified'],
])('%s is not for transformers', async (_what, options, model) => {
  await tell(folder.path, ['convert', EXAMPLE, ...options, '--quiet', '--no-verify'])
  const parameters = ['verify', model, '--reference', model, '--engine', 'transformers']
  expect(await tell(folder.path, parameters)).toMatchObject({ code: 2, err: expect.stringContaining('neither side is one') })
})
