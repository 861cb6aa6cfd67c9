// Every way a safetensors file is known to lie, one row each: bytes written by hand and the code they are refused with.
import type { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { ascii, join, u64, zeros } from '../test-support/byte-parts.test-support.ts'
import { readSafetensorsHeader } from './header.ts'
import { readSafetensors } from './read.ts'

/** Length, header text as given, data. */
const file = (header: string, data = 0) => join(u64(ascii(header).length), ascii(header), zeros(data))
const entry = (dtype: string, shape: string, start: number | bigint | string, end: number | bigint | string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${start},${end}]}`

async function codeOf(bytes: Uint8Array): Promise<string> {
  return readSafetensors(memorySource(bytes, 'crafted.safetensors')).then(
    () => 'accepted',
    (error: FsError) => error.code,
  )
}

const sound = file(`{"__metadata__":{"format":"pt"},"b":${entry('BF16', '[2,2]', 8, 16)},"a":${entry('F32', '[2]', 0, 8)}}   `, 16)

test('the file that the rows below resemble is sound', async () => {
  const { tensors, metadata } = await readSafetensors(memorySource(sound, 'sound.safetensors'))
  const start = sound.length - 16
  expect([...tensors.values()]).toEqual([
    { name: 'a', type: 'F32', shape: [2], file: 0, offset: start, byteLength: 8 },
    { name: 'b', type: 'BF16', shape: [2, 2], file: 0, offset: start + 8, byteLength: 8 },
  ])
  expect([...metadata]).toEqual([['format', 'pt']])
})

describe('refused', () => {
  const rows: [what: string, code: string, bytes: Uint8Array][] = [
    ['an empty file', 'safetensors/truncated', zeros(0)],
    ['seven bytes', 'safetensors/truncated', zeros(7)],
    ['a header longer than the file', 'safetensors/truncated', join(u64(50), ascii('{}'))],
    ['a header of 100 000 001 bytes', 'safetensors/header-too-large', join(u64(100_000_001), ascii('{}'))],
    ['a header of 2^64 - 1 bytes, from eight bytes of input', 'safetensors/header-too-large', join(u64(2n ** 64n - 1n), ascii('{}'))],
    ['an empty header', 'safetensors/header', file('')],
    ['a header that does not start with a brace', 'safetensors/header', file(' {}')],
    ['a header that is a list', 'safetensors/header', file('[]')],
    ['a header that is no JSON', 'safetensors/header', file('{"a":}')],
    ['a header that goes on after its end', 'safetensors/header', file('{} x')],
    ['a header that is not UTF-8', 'safetensors/header', join(u64(3), ascii('{'), Uint8Array.of(0xff), ascii('}'))],
    ['nesting that would exhaust the stack', 'safetensors/header', file(`{"a":${'['.repeat(100_000)}`)],
    ['a number that is NaN', 'safetensors/header', file('{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,0]}}')],
    ['a whole number written as a float', 'safetensors/header', file(`{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}`, 4)],
    ['a tensor named twice', 'safetensors/duplicate-key', file(`{"a":${entry('F32', '[1]', 0, 4)},"a":${entry('F32', '[1]', 4, 8)}}`, 8)],
    ['a field named twice', 'safetensors/duplicate-key', file('{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
    ['metadata that is not strings', 'safetensors/metadata', file('{"__metadata__":{"format":1}}')],
    ['metadata that is a list', 'safetensors/metadata', file('{"__metadata__":["pt"]}')],
    ['an entry that is a number', 'safetensors/tensor-entry', file('{"a":1}')],
    ['an entry without a dtype', 'safetensors/tensor-entry', file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4)],
    ['a shape of strings', 'safetensors/tensor-entry', file('{"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}', 4)],
    ['an unknown dtype', 'safetensors/dtype', file(`{"a":${entry('F12', '[1]', 0, 4)}}`, 4)],
    ['a dtype that is a property of every object', 'safetensors/dtype', file(`{"a":${entry('constructor', '[1]', 0, 4)}}`, 4)],
    ['a negative dimension', 'safetensors/shape', file(`{"a":${entry('F32', '[-1]', 0, 4)}}`, 4)],
    ['a fractional dimension', 'safetensors/header', file(`{"a":${entry('F32', '[1.5]', 0, 6)}}`, 6)],
    ['a shape whose product overflows 64 bits to 0', 'safetensors/shape', file(`{"a":${entry('F32', '[4294967296,4294967296]', 0, 0)}}`)],
    ['an offset list of three', 'safetensors/offsets', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}', 8)],
    ['an end before its start', 'safetensors/offsets', file(`{"a":${entry('F32', '[1]', 4, 0)}}`, 4)],
    ['a negative offset', 'safetensors/offsets', file(`{"a":${entry('F32', '[1]', -4, 0)}}`, 4)],
    ['an offset beyond exact numbers', 'safetensors/offsets', file(`{"a":${entry('F32', '[1]', 2n ** 63n, 2n ** 63n + 4n)}}`, 4)],
    ['bytes that do not fit shape and dtype', 'safetensors/size-mismatch', file(`{"a":${entry('F32', '[2]', 0, 4)}}`, 4)],
    ['a tensor beyond the end, as in a cut download', 'safetensors/beyond-end', file(`{"a":${entry('F32', '[2]', 0, 8)}}`, 7)],
    ['tensors that share bytes', 'safetensors/overlap', file(`{"a":${entry('F32', '[2]', 0, 8)},"b":${entry('F32', '[1]', 4, 8)}}`, 8)],
    ['the same bytes twice', 'safetensors/overlap', file(`{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 0, 4)}}`, 4)],
    ['bytes between tensors', 'safetensors/gap', file(`{"a":${entry('F32', '[1]', 0, 4)},"b":${entry('F32', '[1]', 8, 12)}}`, 12)],
    ['bytes before the first tensor', 'safetensors/gap', file(`{"a":${entry('F32', '[1]', 4, 8)}}`, 8)],
    ['bytes after the last tensor', 'safetensors/trailing-bytes', file(`{"a":${entry('F32', '[1]', 0, 4)}}`, 5)],
    ['bytes after a header without tensors', 'safetensors/trailing-bytes', file('{}', 1)],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })
})

test('names that would be special in a JavaScript object are ordinary, and numeric names keep the order of their bytes', async () => {
  const bytes = file(`{"__proto__":${entry('U8', '[1]', 1, 2)},"1":${entry('U8', '[1]', 2, 3)},"9":${entry('U8', '[]', 0, 1)}}`, 3)
  const { tensors } = await readSafetensors(memorySource(bytes, 'proto.safetensors'))
  expect([...tensors.keys()]).toEqual(['9', '__proto__', '1'])
})

test('tensors without elements take no bytes', async () => {
  const bytes = file(`{"none":${entry('F32', '[0,5]', 0, 0)},"a":${entry('U8', '[1]', 0, 1)},"last":${entry('F32', '[0]', 1, 1)}}`, 1)
  expect(await codeOf(bytes)).toBe('accepted')
})

test('with somewhere to report to, every problem is told and the sound tensors stay', async () => {
  const header = [
    `"odd":${entry('F32', '[3]', 0, 8)}`,
    `"strange":${entry('F12', '[1]', 8, 12)}`,
    `"whole":${entry('F32', '[2]', 0, 8)}`,
    `"twice":${entry('F32', '[1]', 4, 8)}`,
    `"far":${entry('F32', '[100]', 8, 408)}`,
  ]
  const problems: string[] = []
  const { entries } = await readSafetensorsHeader(memorySource(file(`{${header.join(',')}}`, 16), 'bad.safetensors'), (problem) =>
    problems.push(problem.code),
  )
  expect(problems).toEqual(['safetensors/size-mismatch', 'safetensors/dtype', 'safetensors/overlap', 'safetensors/beyond-end'])
  expect(entries.map(({ name }) => name)).toEqual(['whole', 'twice', 'far'])
})
