// A SentencePiece vocabulary, whose decoder drops the space in front of a text: the engine's answers begin without it, and are still the original's.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { tell, useFolder } from '../test-support/terminal.test-support.ts'

// Beside this repository: ../shared/realdata/stories260k-hf.
const STORIES = resolve(import.meta.dirname, '../../../../../shared/realdata/stories260k-hf')

const folder = useFolder()

test.skipIf(!existsSync(STORIES))(
  'every next token of a story is found, at every place',
  async () => {
    await tell(folder.path, ['convert', STORIES, '--to', 'litertlm', '--quant', 'none', '-o', 'stories.litertlm', '--no-verify'])
    const { code, out } = await tell(folder.path, ['verify', 'stories.litertlm', '--reference', STORIES])
    expect(code).toBe(0)
    expect(out).toContain('100.0 % of next tokens are the same')
    expect(out).toMatch(/"Once upon a time there was a king who" +8 of 8/)
  },
  60_000,
)
