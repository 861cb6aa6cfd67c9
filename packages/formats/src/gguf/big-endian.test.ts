// Big-endian GGUF as gguf-py writes it with `endianess=BIG`: the magic reads "GGUF" all the same, every number behind it is swapped.
import { expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { ascii, join, pad } from '../test-support/byte-parts.test-support.ts'
import { readGguf } from './read-gguf.ts'

const swap = (bytes: Uint8Array) => bytes.toReversed()
const u32 = (value: number) => swap(new Uint8Array(Uint32Array.of(value).buffer))
const u64 = (value: number) => swap(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer))
const f32 = (value: number) => swap(new Uint8Array(Float32Array.of(value).buffer))
const text = (value: string) => join(u64(value.length), ascii(value))

test.each([2, 3])('version %i', async (version) => {
  const header = join(
    ascii('GGUF'),
    u32(version),
    u64(1),
    u64(2),
    join(text('general.architecture'), u32(8), text('llama')),
    join(text('scores'), u32(9), u32(6), u64(2), f32(-1.5), f32(2)),
    join(text('weight'), u32(2), u64(4), u64(2), u32(0), u64(0)),
  )
  const file = await readGguf(memorySource(join(pad(header, 32), new Uint8Array(32)), 'big.gguf'))
  expect(file).toMatchObject({ version, endianness: 'big' })
  expect(file.metadata.get('general.architecture')?.value).toBe('llama')
  expect(file.metadata.get('scores')?.value).toEqual(Float32Array.of(-1.5, 2))
  expect(file.tensors.tensors.get('weight')).toMatchObject({ shape: [2, 4], byteLength: 32, bigEndian: true })
})
