import type { ByteSource } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measureDivergence } from '../divergence/divergence.ts'
import { measurePerplexity } from '../perplexity/perplexity.ts'
import { fromLogits } from '../scoring/log-probabilities.ts'
import { scoreWindows } from '../scoring/score-windows.ts'
import { textWindows } from '../scoring/windows.ts'
import { bigramModel, randomTokens } from '../test-support/bigram-model.test-support.ts'
import { openLogitsFile } from './read.ts'
import { encodeLogitsHeader, encodeLogitsRows } from './write.ts'

const vocabularySize = 51
const windows = textWindows(randomTokens(320, vocabularySize), { contextLength: 32, beginningToken: 0 })

const sourceOf = (bytes: Uint8Array): ByteSource => ({
  name: 'base.kld',
  location: { kind: 'memory' },
  size: bytes.length,
  read: async (offset, length) => bytes.subarray(offset, offset + length),
  close: async () => undefined,
})

async function savedLogits(): Promise<Uint8Array> {
  const parts = [encodeLogitsHeader(windows, vocabularySize)]
  await measurePerplexity(scoreWindows(bigramModel({ vocabularySize, seed: 1 }), windows), {
    onPiece: async (piece) => void parts.push(encodeLogitsRows(piece, vocabularySize)),
  })
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}

describe('files of log-probabilities', () => {
  it('have the layout and size of llama-perplexity', async () => {
    const bytes = await savedLogits()
    const view = new DataView(bytes.buffer)
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('_logits_')
    expect([8, 12, 16].map((offset) => view.getInt32(offset, true))).toEqual([32, vocabularySize, windows.count])
    expect(view.getInt32(20, true)).toBe(windows.tokens[0]) // the text's own token, not the beginning token
    const rowValues = 2 * ((vocabularySize + 1) / 2) + 4
    expect(bytes.length).toBe(20 + 4 * windows.count * 32 + 2 * rowValues * 15 * windows.count)
  })

  it('stand in for the model they were made from', async () => {
    const base = await openLogitsFile(sourceOf(await savedLogits()))
    const candidate = scoreWindows(bigramModel({ vocabularySize, seed: 1 }), { ...base.windows, beginningToken: 0 })
    const statistics = await measureDivergence(candidate, base)
    expect(Math.abs(statistics.divergence.value)).toBeLessThan(1e-5)
    expect(statistics.ratio.value).toBeCloseTo(1, 4)
    expect(statistics.sameTop.value).toBe(1)
  })

  it('keep each log-probability to half a step of the 65535 between the likeliest and 16 below it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 2, maxLength: 40 }), async (row) => {
        const logits = Float32Array.from(row)
        const [length, count] = [4, 1]
        const header = encodeLogitsHeader(
          { tokens: new Int32Array(4), contextLength: length, count, step: length, firstScored: 2 },
          row.length,
        )
        const encoded = encodeLogitsRows(fromLogits(logits, row.length), row.length)
        const bytes = new Uint8Array(header.length + encoded.length)
        bytes.set(header)
        bytes.set(encoded, header.length)
        const scored = await openLogitsFile(sourceOf(bytes))
        const { normalizers } = fromLogits(logits, row.length)
        const largest = Math.max(...row)
        for await (const { values } of scored.window(0)) {
          for (const [token, value] of row.entries())
            expect(Math.abs(values[token]! - (Math.max(value, largest - 16) - normalizers[0]!))).toBeLessThan(16 / 65535)
        }
      }),
    )
  })

  it('cannot hold overlapping windows', () => {
    expect(() => encodeLogitsHeader({ ...windows, step: 3 }, vocabularySize)).toThrow(expect.objectContaining({ code: 'eval/logits-file' }))
  })

  it.each([
    ['nothing', (_: Uint8Array) => new Uint8Array(0)],
    ['another magic', (bytes: Uint8Array) => bytes.with(0, 0)],
    ['a missing byte', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['a billion chunks', (bytes: Uint8Array) => bytes.with(19, 0x7f)],
    ['a negative context', (bytes: Uint8Array) => bytes.with(11, 0xff)],
    ['a token beyond the vocabulary', (bytes: Uint8Array) => bytes.with(21, 1)],
  ])('%s is refused before anything is allocated', async (_, damage) => {
    await expect(openLogitsFile(sourceOf(damage(await savedLogits()) as Uint8Array))).rejects.toMatchObject({ code: 'eval/logits-file' })
  })

  it('numbers that are not finite are refused where they stand', async () => {
    const bytes = await savedLogits()
    new DataView(bytes.buffer).setFloat32(20 + 4 * windows.count * 32, Number.NaN, true)
    const scored = await openLogitsFile(sourceOf(bytes))
    await expect(scored.window(0)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'eval/logits-file' })
  })
})
