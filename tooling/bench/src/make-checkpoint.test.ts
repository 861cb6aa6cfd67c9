import { mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeCheckpoint } from './make-checkpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'fartsovka-checkpoint-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a sparse checkpoint has the size of the real one, a header that covers it, and a vocabulary of every id', () => {
  makeCheckpoint(folder, { shape: 'llama-3.2-1b', sparse: true })
  const path = join(folder, 'model.safetensors')
  const length = Buffer.alloc(8)
  const file = openSync(path, 'r')
  readSync(file, length, 0, 8, 0)
  const text = Buffer.alloc(Number(length.readBigUInt64LE()))
  readSync(file, text, 0, text.length, 8)
  const { __metadata__: _, ...tensors } = JSON.parse(text.toString()) as { [name: string]: { data_offsets: [number, number] } }

  // 1 235 814 400 parameters, as the model card of Llama-3.2-1B counts them.
  expect(statSync(path).size - 8 - text.length).toBe(2 * 1_235_814_400)
  expect(Math.max(...Object.values(tensors).map(({ data_offsets: [, end] }) => end))).toBe(2 * 1_235_814_400)

  const { model, added_tokens } = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8'))
  const ids = new Set([...Object.values(model.vocab), ...added_tokens.map(({ id }: { id: number }) => id)])
  expect(ids.size).toBe(128256)
  expect(model.merges.every(([left, right]: [string, string]) => left + right in model.vocab)).toBe(true)
})
