import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkGgmlMeta, writeGgmlMeta } from './ggml-meta.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meta-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('the side file has llm-rs’s keys, indented by four, and the BLAKE3 digest of the model', () => {
  const path = join(folder, 'tiny-q4_0-ggjt.bin')
  // The function's own test vectors: bytes counting up to 250, here 31744 of them (BLAKE3-team/BLAKE3 test_vectors.json).
  writeFileSync(
    path,
    Uint8Array.from({ length: 31744 }, (_, index) => index % 251),
  )
  const meta = { model: 'Gpt2', quantization: 'Q4_0', quantizationVersion: 'V2', container: 'GGJT' } as const
  const written = writeGgmlMeta(path, meta, 'cerebras/Cerebras-GPT-111M')
  expect(readdirSync(folder).sort()).toEqual(['tiny-q4_0-ggjt.bin', 'tiny-q4_0-ggjt.meta'])
  expect(readFileSync(written, 'utf8')).toMatch(/^\{\n {4}"model": "Gpt2",\n/)
  expect(JSON.parse(readFileSync(written, 'utf8'))).toEqual({
    model: 'Gpt2',
    quantization: 'Q4_0',
    quantization_version: 'V2',
    container: 'GGJT',
    converter: 'llm-rs',
    hash: '62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47',
    base_model: 'cerebras/Cerebras-GPT-111M',
  })
})

test('one that is there already is not written over unasked', () => {
  const path = join(folder, 'v1.5-f16.bin')
  expect(() => checkGgmlMeta(path)).not.toThrow()
  writeFileSync(join(folder, 'v1.5-f16.meta'), 'precious')
  expect(() => checkGgmlMeta(path)).toThrow(expect.objectContaining({ code: 'convert/output-exists' }))
})
