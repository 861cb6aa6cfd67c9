// What every byte source promises, as one suite. A new source is added to the list in `byte-source.test.ts` and nothing else has to be written.
import type { ByteSource } from '@fs/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** A source under test: how to open it over given bytes. */
export type ByteSourceCase = {
  readonly kind: string
  /** Opens a source over exactly `bytes`, called `name`. */
  readonly open: (bytes: Uint8Array, name: string) => Promise<ByteSource>
}

/** Runs the suite for one kind of source. */
export function describeByteSource({ kind, open }: ByteSourceCase): void {
  const content = Uint8Array.from({ length: 1000 }, (_, index) => (index * 31) & 0xff)

  describe(`byte source: ${kind}`, () => {
    test('says its name and size', async () => {
      const source = await open(content, 'a model.bin')
      expect(source.name).toBe('a model.bin')
      expect(source.size).toBe(1000)
      await source.close()
    })

    test('gives exactly the bytes asked for, wherever they are', async () => {
      const source = await open(content, 'model.bin')
      await fc.assert(
        fc.asyncProperty(fc.nat(1000), fc.nat(1000), async (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)]
          expect(Buffer.from(await source.read(start, end - start))).toEqual(Buffer.from(content.subarray(start, end)))
        }),
        { numRuns: 30 },
      )
      await source.close()
    })

    test('reads of nothing succeed, at the end as well', async () => {
      const source = await open(content, 'model.bin')
      expect(await source.read(0, 0)).toHaveLength(0)
      expect(await source.read(1000, 0)).toHaveLength(0)
      await source.close()
    })

    test('an empty file is a file', async () => {
      const source = await open(new Uint8Array(0), 'empty.bin')
      expect(source.size).toBe(0)
      expect(await source.read(0, 0)).toHaveLength(0)
      await source.close()
    })

    test.each([
      [0, 1001],
      [1000, 1],
      [-1, 1],
      [5, -1],
      [0.5, 1],
      [0, Number.NaN],
      [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      [2 ** 60, 1],
    ])('refuses %f, %f', async (offset, length) => {
      const source = await open(content, 'model.bin')
      await expect(source.read(offset, length)).rejects.toMatchObject({ code: 'bytes/out-of-range' })
      await source.close()
    })

    test('reads run at the same time without mixing', async () => {
      const source = await open(content, 'model.bin')
      const starts = Array.from({ length: 20 }, (_, index) => index * 50)
      const parts = await Promise.all(starts.map((start) => source.read(start, 50)))
      expect(Buffer.concat(parts)).toEqual(Buffer.from(content))
      await source.close()
    })

    test('a cancelled read fails and leaves the source usable', async () => {
      const source = await open(content, 'model.bin')
      await expect(source.read(0, 10, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'bytes/aborted' })
      expect(await source.read(0, 10, { signal: new AbortController().signal })).toHaveLength(10)
      await source.close()
    })

    test('a closed source refuses to read and may be closed again', async () => {
      const source = await open(content, 'model.bin')
      await source.close()
      await source.close()
      await expect(source.read(0, 1)).rejects.toMatchObject({ code: 'bytes/closed' })
    })
  })
}
