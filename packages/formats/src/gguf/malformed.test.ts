// Every way a GGUF file is known to lie, one row each: bytes written by hand and the code they are refused with.
// The classes are those that have been exploited or crash other readers (integer overflow, offsets past the end, duplicates, `__proto__`).
import type { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { ascii, join, pad, text, u8, u32, u64, zeros } from '../test-support/byte-parts.test-support.ts'
import { readGguf } from './read-gguf.ts'

const U32 = 4
const BOOL = 7
const STRING = 8
const ARRAY = 9
const F32 = 0
const Q4_0 = 2

const pair = (key: string, type: number, value: Uint8Array) => join(text(key), u32(type), value)
const tensor = (name: string, dimensions: (number | bigint)[], type: number, offset: number | bigint) =>
  join(text(name), u32(dimensions.length), u64(...dimensions), u32(type), u64(offset))

/** A version 3 file. The counts are those of the lists unless a test lies about them. */
function gguf(parts: {
  pairs?: Uint8Array[]
  tensors?: Uint8Array[]
  data?: Uint8Array
  pairCount?: bigint
  tensorCount?: bigint
  alignment?: number
}): Uint8Array {
  const pairs = parts.pairs ?? []
  const tensors = parts.tensors ?? []
  const header = join(
    ascii('GGUF'),
    u32(3),
    u64(parts.tensorCount ?? tensors.length),
    u64(parts.pairCount ?? pairs.length),
    ...pairs,
    ...tensors,
  )
  return join(pad(header, parts.alignment ?? 32), parts.data ?? zeros(0))
}

const sound = gguf({
  pairs: [pair('general.architecture', STRING, text('llama'))],
  tensors: [tensor('a', [8], F32, 0), tensor('b', [32], Q4_0, 32)],
  data: zeros(64),
})

async function codeOf(bytes: Uint8Array): Promise<string> {
  return readGguf(memorySource(bytes, 'crafted.gguf')).then(
    () => 'accepted',
    (error: FsError) => error.code,
  )
}

test('the file that the rows below spoil is sound', async () => {
  const { tensors, metadata, dataOffset } = await readGguf(memorySource(sound, 'sound.gguf'))
  expect(metadata.get('general.architecture')).toEqual({ type: 'STRING', value: 'llama' })
  expect([...tensors.tensors.values()]).toEqual([
    { name: 'a', type: 'F32', shape: [8], file: 0, offset: dataOffset, byteLength: 32 },
    { name: 'b', type: 'Q4_0', shape: [32], file: 0, offset: dataOffset + 32, byteLength: 18 },
  ])
})

describe('refused', () => {
  const rows: [what: string, code: string, bytes: Uint8Array][] = [
    ['an empty file', 'gguf/not-gguf', zeros(0)],
    ['another magic', 'gguf/not-gguf', join(ascii('GGML'), zeros(60))],
    ['the pre-release backward magic', 'gguf/byte-swapped-magic', join(ascii('FUGG'), u32(1), zeros(60))],
    ['version 0', 'gguf/version', join(ascii('GGUF'), u32(0), zeros(60))],
    ['version 4', 'gguf/version', join(ascii('GGUF'), u32(4), zeros(60))],
    ['big-endian version 1, which never existed', 'gguf/version', join(ascii('GGUF'), u8(0, 0, 0, 1), zeros(60))],
    ['a file of 20 bytes, which others take for an empty model', 'gguf/truncated', sound.subarray(0, 20)],
    ['a file cut inside its tensor records', 'gguf/declared-size', sound.subarray(0, 100)],
    ['more metadata keys than bytes', 'gguf/declared-size', gguf({ pairCount: 2n ** 63n })],
    ['more tensors than bytes', 'gguf/declared-size', gguf({ tensorCount: 2n ** 64n - 1n })],
    ['a key longer than the file', 'gguf/declared-size', gguf({ pairs: [join(u64(2n ** 62n), zeros(32))] })],
    ['a string longer than the file', 'gguf/declared-size', gguf({ pairs: [pair('k', STRING, u64(1000))] })],
    ['an array longer than the file', 'gguf/declared-size', gguf({ pairs: [pair('k', ARRAY, join(u32(U32), u64(2n ** 61n)))] })],
    [
      'an array of strings longer than the file',
      'gguf/declared-size',
      gguf({ pairs: [pair('k', ARRAY, join(u32(STRING), u64(2n ** 40n)))] }),
    ],
    ['an empty key', 'gguf/empty-key', gguf({ pairs: [pair('', U32, u32(1)), pair('k', U32, u32(1))] })],
    ['a key that occurs twice', 'gguf/duplicate-key', gguf({ pairs: [pair('k', U32, u32(1)), pair('k', U32, u32(2))] })],
    ['a metadata type GGUF does not have', 'gguf/value-type', gguf({ pairs: [pair('k', 13, u32(1))] })],
    ['an array of a type GGUF does not have', 'gguf/value-type', gguf({ pairs: [pair('k', ARRAY, join(u32(99), u64(1)))] })],
    [
      'arrays nested without end',
      'gguf/nesting',
      gguf({ pairs: [pair('k', ARRAY, join(...Array.from({ length: 50 }, () => join(u32(ARRAY), u64(1)))))] }),
    ],
    ['a boolean of 2', 'gguf/bool', gguf({ pairs: [pair('k', BOOL, u8(2)), pair('l', U32, u32(1))] })],
    ['alignment 3', 'gguf/alignment', gguf({ pairs: [pair('general.alignment', U32, u32(3))] })],
    ['alignment 0', 'gguf/alignment', gguf({ pairs: [pair('general.alignment', U32, u32(0))] })],
    ['an alignment that is a string', 'gguf/alignment', gguf({ pairs: [pair('general.alignment', STRING, text('32'))] })],
    [
      'alignment 2^31, which turns offsets negative in 32-bit arithmetic',
      'gguf/tensor-beyond-end',
      gguf({ pairs: [pair('general.alignment', U32, u32(2 ** 31))], tensors: [tensor('a', [8], F32, 0)], data: zeros(32) }),
    ],
    ['a tensor without a name', 'gguf/tensor-name', gguf({ tensors: [tensor('', [8], F32, 0)], data: zeros(32) })],
    [
      'a tensor name that occurs twice',
      'gguf/duplicate-tensor',
      gguf({ tensors: [tensor('a', [8], F32, 0), tensor('a', [8], F32, 32)], data: zeros(64) }),
    ],
    ['five dimensions', 'gguf/dimensions', gguf({ tensors: [tensor('a', [1, 1, 1, 1, 8], F32, 0)], data: zeros(32) })],
    ['2^32 - 1 dimensions', 'gguf/dimensions', gguf({ tensors: [join(text('a'), u32(2 ** 32 - 1), zeros(40))], data: zeros(32) })],
    [
      'a size whose product wraps to 0 in 64 bits',
      'gguf/tensor-size',
      gguf({ tensors: [tensor('a', [2n ** 32n, 2n ** 32n], F32, 0)], data: zeros(32) }),
    ],
    [
      'a size whose product wraps to something small',
      'gguf/tensor-size',
      gguf({ tensors: [tensor('a', [2n ** 63n + 4n, 2], F32, 0)], data: zeros(32) }),
    ],
    ['a type ggml does not have', 'gguf/tensor-type', gguf({ tensors: [tensor('a', [32], 9999, 0)], data: zeros(32) })],
    ['a type ggml has removed', 'gguf/tensor-type', gguf({ tensors: [tensor('a', [32], 31, 0)], data: zeros(32) })],
    ['a Q4_0 row of 33', 'gguf/partial-block', gguf({ tensors: [tensor('a', [33], Q4_0, 0)], data: zeros(64) })],
    ['a tensor at offset 7', 'gguf/tensor-offset', gguf({ tensors: [tensor('a', [8], F32, 7)], data: zeros(64) })],
    ['a tensor at offset 2^40', 'gguf/tensor-beyond-end', gguf({ tensors: [tensor('a', [8], F32, 2n ** 40n)], data: zeros(32) })],
    [
      'a tensor at offset 2^64 - 32',
      'gguf/tensor-beyond-end',
      gguf({ tensors: [tensor('a', [8], F32, 2n ** 64n - 32n)], data: zeros(32) }),
    ],
    ['a tensor whose last byte is missing', 'gguf/tensor-beyond-end', sound.subarray(0, sound.length - 15)],
    [
      'tensors that share bytes',
      'gguf/tensor-overlap',
      gguf({ tensors: [tensor('a', [16], F32, 0), tensor('b', [8], F32, 32)], data: zeros(64) }),
    ],
    ['bytes between tensors', 'gguf/tensor-gap', gguf({ tensors: [tensor('a', [8], F32, 0), tensor('b', [8], F32, 64)], data: zeros(96) })],
    ['bytes before the first tensor', 'gguf/tensor-gap', gguf({ tensors: [tensor('a', [8], F32, 32)], data: zeros(64) })],
    ['bytes after the last tensor', 'gguf/trailing-bytes', join(sound, zeros(1))],
    ['bytes after a header without tensors', 'gguf/trailing-bytes', gguf({ data: zeros(1) })],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })
})

describe('accepted', () => {
  test('a last tensor without padding, and a header without padding when there are no tensors', async () => {
    expect(await codeOf(sound.subarray(0, sound.length - 14))).toBe('accepted')
    expect(await codeOf(join(ascii('GGUF'), u32(3), u64(0, 1), pair('k', BOOL, u8(1))))).toBe('accepted')
  })

  test('keys that would be special in a JavaScript object are ordinary', async () => {
    const bytes = gguf({ pairs: [pair('__proto__', STRING, text('x')), pair('version', U32, u32(9)), pair('constructor', BOOL, u8(1))] })
    const { metadata, version } = await readGguf(memorySource(bytes, 'proto.gguf'))
    expect([...metadata.keys()]).toEqual(['__proto__', 'version', 'constructor'])
    expect(version).toBe(3)
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  test('tensors without elements, and scalars', async () => {
    const bytes = gguf({ tensors: [tensor('none', [0, 4], F32, 0), tensor('one', [], F32, 0)], data: zeros(4) })
    const { tensors } = await readGguf(memorySource(bytes, 'small.gguf'))
    expect([...tensors.tensors.values()].map(({ name, shape, byteLength }) => [name, shape, byteLength])).toEqual([
      ['none', [4, 0], 0],
      ['one', [], 4],
    ])
  })
})

test('a lenient read lists every problem it can get past and keeps the rest', async () => {
  const bytes = gguf({
    pairs: [pair('k', BOOL, u8(7)), pair('k', U32, u32(1))],
    tensors: [
      tensor('gone', [2n ** 40n], F32, 64),
      tensor('odd', [33], Q4_0, 0),
      tensor('fine', [8], F32, 0),
      tensor('strange', [8], 77, 0),
    ],
    data: zeros(32),
  })
  const { problems, tensors, metadata } = await readGguf(memorySource(bytes, 'damaged.gguf'), { strictness: 'lenient' })
  expect(problems.map((problem) => problem.code)).toEqual([
    'gguf/bool',
    'gguf/duplicate-key',
    'gguf/partial-block',
    'gguf/tensor-type',
    'gguf/tensor-beyond-end',
    'gguf/tensor-gap',
  ])
  expect(metadata.get('k')).toEqual({ type: 'BOOL', value: true })
  expect([...tensors.tensors.keys()]).toEqual(['fine', 'gone'])
})

test('a header that would take more memory than any real one is refused before it is read', async () => {
  // 300 GB that are not there: the source only claims them, as a server would.
  const claimed = { ...memorySource(gguf({ pairs: [pair('k', ARRAY, join(u32(0), u64(290e9)))] }), 'huge.gguf'), size: 300e9 }
  const reads: number[] = []
  const source = {
    ...claimed,
    read: async (offset: number, length: number) => {
      reads.push(length)
      return offset === 0
        ? join(gguf({ pairs: [pair('k', ARRAY, join(u32(0), u64(290e9)))] }), zeros(length)).subarray(0, length)
        : zeros(length)
    },
  }
  await expect(readGguf(source)).rejects.toMatchObject({ code: 'gguf/limit' })
  expect(Math.max(...reads)).toBeLessThan(1e6)
})
