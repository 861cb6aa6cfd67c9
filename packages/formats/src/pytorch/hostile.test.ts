// Hostile and damaged PyTorch files, one row each: bytes written by hand and the code they are refused with. Nothing is ever run.
import type { FsError } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { memorySource } from '../bytes/memory.ts'
import { ascii, join, u8, u32, u64, zeros } from '../test-support/byte-parts.test-support.ts'
import * as p from '../test-support/pickle-writer.test-support.ts'
import { type ZipLies, zipFile } from '../test-support/zip-writer.test-support.ts'
import { readPytorch } from './read.ts'

const codeOf = (bytes: Uint8Array) =>
  readPytorch(memorySource(bytes, 'crafted.pt')).then(
    () => 'accepted',
    (error: FsError) => error.code,
  )

/** A checkpoint as torch.save writes it, around any pickle, with one storage of 16 bytes. */
function checkpoint(pickle: Uint8Array, lies: ZipLies = {}): Uint8Array {
  return zipFile(
    [
      { name: 'm/data.pkl', bytes: pickle },
      { name: 'm/data/0', bytes: zeros(16) },
      { name: 'm/version', bytes: ascii('3\n') },
    ],
    lies,
  )
}

const weight = p.tensor({ count: 4, shape: [2, 2], strides: [2, 1] })
const state = (...pairs: [string, Uint8Array][]) => checkpoint(p.pickle(p.dict(...pairs)))
const soundPickle = p.pickle(p.dict(['weight', weight]))

test('the file that the rows below spoil is sound, with narrow and with zip64 numbers', async () => {
  for (const bytes of [
    checkpoint(soundPickle),
    checkpoint(soundPickle, { zip64: {} }),
    checkpoint(soundPickle, { comment: ascii('hi') }),
  ]) {
    const { tensors } = await readPytorch(memorySource(bytes, 'sound.pt'))
    expect([...tensors.values()]).toEqual([
      { name: 'weight', type: 'F32', shape: [2, 2], file: 0, offset: expect.any(Number), byteLength: 16 },
    ])
    expect(tensors.get('weight')!.offset % 64).toBe(0)
  }
})

describe('a pickle that wants to run something', () => {
  const rows: [what: string, global: string, pickle: Uint8Array][] = [
    ['os.system', 'os.system', p.pickle(p.call('os', 'system', p.text('touch /tmp/owned')))],
    ['posix.system', 'posix.system', p.pickle(p.dict(['weight', weight], ['x', p.call('posix', 'system', p.text('id'))]))],
    ['builtins.eval', 'builtins.eval', p.pickle(p.call('builtins', 'eval', p.text('1')))],
    ['getattr, to reach anything', 'builtins.getattr', p.pickle(p.call('builtins', 'getattr', p.text('a'), p.text('b')))],
    ['torch.load, to nest another pickle', 'torch.load', p.pickle(p.call('torch', 'load', p.text('other.pt')))],
    [
      'a function by its dotted name',
      'torch._utils._rebuild_tensor_v2.__globals__',
      p.pickle(p.call('torch._utils', '_rebuild_tensor_v2.__globals__')),
    ],
    ['a whole model instead of its state', '__main__.Model', p.pickle(p.call('__main__', 'Model'))],
    ['a sparse tensor', 'torch._utils._rebuild_sparse_tensor', p.pickle(p.dict(['a', p.call('torch._utils', '_rebuild_sparse_tensor')]))],
    ['a global named through the stack', 'os.system', p.pickle(p.text('os'), p.text('system'), u8(0x93), p.EMPTY_TUPLE, p.REDUCE)],
  ]
  test.each(rows)('%s', async (_what, global, pickle) => {
    await expect(readPytorch(memorySource(checkpoint(pickle), 'evil.pt'))).rejects.toMatchObject({
      code: 'pickle/global',
      details: { global },
    })
  })

  test.each([
    ['INST', join(p.MARK, u8(0x69), ascii('os\nsystem\n'))],
    ['OBJ', join(p.MARK, p.global('collections', 'OrderedDict'), u8(0x6f))],
    ['NEWOBJ_EX', u8(0x92)],
    ['EXT1', u8(0x82, 1)],
    ['0xff', u8(0xff)],
  ])('by the instruction %s', async (opcode, instruction) => {
    const bytes = checkpoint(p.pickle(instruction))
    await expect(readPytorch(memorySource(bytes, 'evil.pt'))).rejects.toMatchObject({ code: 'pickle/opcode', details: { opcode } })
  })
})

describe('a pickle that misuses its machine', () => {
  const rows: [what: string, code: string, pickle: Uint8Array][] = [
    ['ends early', 'pickle/truncated', soundPickle.subarray(0, -1)],
    ['text longer than the pickle', 'pickle/truncated', p.pickle(u8(0x58), u32(0xffffffff))],
    ['text of 2^63 bytes', 'pickle/truncated', p.pickle(u8(0x8d), u64(2n ** 63n))],
    ['a global without an end of line', 'pickle/truncated', p.pickle(u8(0x63), ascii('os'))],
    ['protocol 200', 'pickle/opcode', join(u8(0x80, 200), p.EMPTY_DICT, p.STOP)],
    ['an empty stack', 'pickle/malformed', p.pickle(p.TUPLE)],
    ['a result that is not there', 'pickle/malformed', p.pickle()],
    ['values taken from below a mark', 'pickle/malformed', p.pickle(p.NONE, p.NONE, p.MARK, u8(0x86))],
    ['a mark left open', 'pickle/malformed', p.pickle(p.MARK, p.EMPTY_DICT)],
    ['a key without a value', 'pickle/malformed', p.pickle(p.EMPTY_DICT, p.MARK, p.NONE, p.SETITEMS)],
    ['items set on a list', 'pickle/malformed', p.pickle(p.EMPTY_LIST, p.NONE, p.NONE, p.SETITEM)],
    ['items appended to a dictionary', 'pickle/malformed', p.pickle(p.EMPTY_DICT, p.NONE, p.APPEND)],
    ['a value recalled that was never remembered', 'pickle/malformed', p.pickle(p.get(7))],
    ['nothing remembered', 'pickle/malformed', p.pickle(p.put(1))],
    ['a call of a text', 'pickle/malformed', p.pickle(p.text('os.system'), p.EMPTY_TUPLE, p.REDUCE)],
    ['attributes set on nothing', 'pickle/malformed', p.pickle(p.NONE, p.BUILD)],
    ['a dictionary made of numbers', 'pickle/malformed', p.pickle(p.call('collections', 'OrderedDict', p.int(3)))],
    ['bytes behind its end', 'pickle/malformed', join(soundPickle, u8(0))],
    ['millions of values from a few bytes each', 'pickle/limit', p.pickle(new Uint8Array(2_000_001).fill(p.NONE[0]!))],
    ['millions of marks', 'pickle/limit', p.pickle(new Uint8Array(2_000_001).fill(p.MARK[0]!))],
  ]
  test.each(rows)('%s: %s', async (_what, code, pickle) => {
    expect(await codeOf(checkpoint(pickle))).toBe(code)
  })

  test('a dictionary that contains itself', async () => {
    expect(await codeOf(checkpoint(p.pickle(p.EMPTY_DICT, p.put(0), p.text('model'), p.get(0), p.SETITEM)))).toBe('pytorch/cycle')
    const pair = p.pickle(p.EMPTY_DICT, p.put(0), p.text('model'), p.EMPTY_DICT, p.put(1), p.text('model'), p.get(0), p.SETITEM, p.SETITEM)
    expect(await codeOf(checkpoint(pair))).toBe('pytorch/cycle')
  })

  test('values that refer to one another a billion times are looked at once', async () => {
    // Thirty lists, each holding the one before twice: 2^30 paths.
    const lists = Array.from({ length: 30 }, (_, level) =>
      join(p.EMPTY_LIST, p.put(level + 1), p.get(level), p.APPEND, p.get(level), p.APPEND),
    )
    const laughs = join(p.EMPTY_LIST, p.put(0), ...lists)
    expect(await codeOf(checkpoint(p.pickle(p.dict(['weight', weight], ['x', laughs]))))).toBe('accepted')
    expect(await codeOf(legacy(p.pickle(p.dict(['weight', weight], ['x', laughs]))))).toBe('accepted')
    const nested = Array.from({ length: 30 }, (_, level) =>
      join(p.EMPTY_DICT, p.text('a'), p.get(level), p.SETITEM, p.text('b'), p.get(level), p.SETITEM, p.put(level + 1)),
    )
    const chain = join(p.dict(['n', p.int(1)]), p.put(0), ...nested)
    expect(await codeOf(checkpoint(p.pickle(p.dict(['weight', weight], ['x', chain]))))).toBe('accepted')
    expect(await codeOf(checkpoint(p.pickle(chain)))).toBe('pytorch/no-weights')
  })

  test('a pickle too long to be one', async () => {
    const size = 64 * 1024 * 1024 + 1
    const file = checkpoint(new Uint8Array(size))
    expect(await codeOf(file)).toBe('pickle/limit')
  })
})

describe('a tensor that lies', () => {
  const one = (parts: Partial<p.TensorParts>) => state(['weight', p.tensor({ count: 4, shape: [4], strides: [1], ...parts })])
  const rows: [what: string, code: string, bytes: Uint8Array][] = [
    ['a negative stride', 'pytorch/stride', one({ strides: [-1], start: 3 })],
    ['a start behind its storage', 'pytorch/storage-range', one({ start: 1 })],
    ['a start of 2^53 - 1', 'pytorch/storage-range', one({ start: 2 ** 53 - 1 })],
    ['strides that reach beyond its storage', 'pytorch/storage-range', one({ shape: [2, 2], strides: [3, 1] })],
    ['a span that overflows 64 bits', 'pytorch/storage-range', one({ shape: [2 ** 31, 2 ** 31], strides: [2 ** 31, 2 ** 31] })],
    ['a few bytes that stand for terabytes', 'pytorch/expanded', one({ shape: [2 ** 40, 4], strides: [0, 1] })],
    ['a negative size', 'pytorch/tensor', one({ shape: [-1] })],
    ['a size beyond exact numbers', 'pytorch/tensor', one({ shape: [2n ** 60n] })],
    ['a negative start', 'pytorch/tensor', one({ start: -1 })],
    ['more sizes than strides', 'pytorch/tensor', one({ shape: [2, 2] })],
    ['a storage larger than any file', 'pytorch/tensor', one({ count: 2 ** 53 - 1 })],
    ['a storage that is not there', 'pytorch/storage-missing', one({ key: '1' })],
    ['a storage called like a property of every object', 'pytorch/storage-missing', one({ key: 'constructor' })],
    ['a storage of another size than declared', 'pytorch/storage-size', one({ count: 3, shape: [3] })],
    ['complex numbers', 'pickle/global', one({ storageClass: 'ComplexFloatStorage' })],
    ['a storage that is a dtype', 'pytorch/dtype', one({ storageClass: 'float32' })],
    [
      'no storage',
      'pytorch/tensor',
      state(['weight', p.call('torch._utils', '_rebuild_tensor_v2', p.NONE, p.int(0), p.tuple(p.int(1)), p.tuple(p.int(1)))]),
    ],
    ['nothing at all', 'pytorch/tensor', state(['weight', p.call('torch._utils', '_rebuild_tensor_v2')])],
    [
      'a parameter of a parameter without end',
      'pytorch/tensor',
      state(['weight', [1, 2, 3, 4, 5].reduce((inner) => p.call('torch._utils', '_rebuild_parameter', inner), weight)]),
    ],
    ['a dtype nobody knows', 'pytorch/dtype', state(['weight', untyped(p.text('float32'))])],
    ['no tensors', 'pytorch/no-weights', state(['step', p.int(1)])],
    ['a list instead of a dictionary', 'pytorch/no-weights', checkpoint(p.pickle(p.EMPTY_LIST))],
    [
      'several models',
      'pytorch/no-weights',
      state(['generator', p.dict(['weight', weight])], ['discriminator', p.dict(['weight', weight])]),
    ],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })

  test('the last of two equal keys counts, as in Python', async () => {
    const half = p.tensor({ count: 4, shape: [2], strides: [1] })
    const { tensors } = await readPytorch(memorySource(state(['weight', weight], ['weight', half]), 'twice.pt'))
    expect(tensors.get('weight')!.shape).toEqual([2])
  })
})

/** `_rebuild_tensor_v3` of 16 bytes with any dtype. */
function untyped(dtype: Uint8Array): Uint8Array {
  const storage = join(
    p.tuple(p.text('storage'), p.global('torch.storage', 'UntypedStorage'), p.text('0'), p.text('cpu'), p.int(16)),
    p.PERSISTENT,
  )
  return p.call('torch._utils', '_rebuild_tensor_v3', storage, p.int(0), p.tuple(p.int(4)), p.tuple(p.int(1)), p.NONE, p.NONE, dtype)
}

describe('a zip that is no checkpoint', () => {
  const pickle = { name: 'm/data.pkl', bytes: soundPickle }
  const storage = { name: 'm/data/0', bytes: zeros(16) }
  const rows: [what: string, code: string, bytes: Uint8Array][] = [
    ['cut at its end', 'zip/not-zip', checkpoint(soundPickle).subarray(0, -1)],
    ['only a head', 'zip/not-zip', ascii('PK\u0003\u0004')],
    ['bytes behind its end', 'zip/not-zip', join(checkpoint(soundPickle), u8(0))],
    ['compressed, as zip bombs are', 'zip/compressed', zipFile([{ ...pickle, method: 8 }, storage])],
    ['encrypted', 'zip/compressed', zipFile([{ ...pickle, flags: 1 }, storage])],
    ['two sizes', 'zip/directory', zipFile([{ ...pickle, told: { size: 2 ** 31 } }, storage])],
    ['more entries than its directory has', 'zip/directory', checkpoint(soundPickle, { count: 2000 })],
    ['fewer entries than its directory has', 'zip/directory', checkpoint(soundPickle, { count: 2 })],
    ['more entries than records, by a few', 'zip/directory', zipFile([pickle, storage], { count: 3, size: 200 })],
    ['a directory outside the file', 'zip/directory', checkpoint(soundPickle, { offset: 2 ** 32 - 2 })],
    ['a zip64 directory of 2^63 bytes', 'zip/directory', checkpoint(soundPickle, { zip64: { size: 2n ** 63n } })],
    ['2^60 entries in zip64', 'zip/directory', checkpoint(soundPickle, { zip64: { count: 2n ** 60n } })],
    ['a zip64 end that points outside', 'zip/directory', checkpoint(soundPickle, { zip64: { at: 2n ** 60n } })],
    ['a zip64 end that points elsewhere', 'zip/directory', checkpoint(soundPickle, { zip64: { at: 0 } })],
    ['an entry elsewhere', 'zip/directory', zipFile([pickle, { ...storage, told: { header: 1 } }])],
    ['an entry under another name', 'zip/directory', zipFile([{ ...storage, told: { name: 'm/data.pkl' } }, pickle])],
    ['an entry outside the file', 'zip/truncated', zipFile([pickle, { ...storage, told: { header: 2 ** 32 - 2 } }])],
    ['an entry longer than the file', 'zip/truncated', zipFile([pickle, { ...storage, told: { size: 2 ** 31, compressed: 2 ** 31 } }])],
    [
      'entries that share bytes, as overlapping bombs do',
      'zip/overlap',
      zipFile([{ ...pickle, told: { size: 600, compressed: 600 } }, storage, { name: 'm/pad', bytes: zeros(900) }]),
    ],
    ['an entry twice', 'zip/duplicate', zipFile([pickle, storage, storage])],
    ['no pickle', 'pytorch/not-a-checkpoint', zipFile([storage])],
    ['two pickles', 'pytorch/not-a-checkpoint', zipFile([pickle, { ...pickle, name: 'n/data.pkl' }])],
    ['a byte order nobody knows', 'pytorch/not-a-checkpoint', zipFile([pickle, storage, { name: 'm/byteorder', bytes: ascii('middle') }])],
    ['a TorchScript program', 'pytorch/torchscript', zipFile([pickle, storage, { name: 'm/constants.pkl', bytes: soundPickle }])],
    ['something else', 'pytorch/not-a-checkpoint', ascii('not a checkpoint')],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })

  test('a directory of hundreds of megabytes is refused before it is read', async () => {
    const size = 200 * 1024 * 1024
    const real = checkpoint(soundPickle, { size: size - 1000, offset: 64 })
    const source = {
      ...memorySource(real, 'huge.pt'),
      size,
      // The end of the real bytes stands for the end of the claimed file.
      read: async (offset: number, length: number) =>
        offset === 0 ? real.slice(0, length) : join(zeros(length - Math.min(length, real.length)), real.slice(-length)),
    }
    await expect(readPytorch(source)).rejects.toMatchObject({ code: 'zip/limit' })
  })

  test('a big-endian one is read as such', async () => {
    const bytes = zipFile([pickle, storage, { name: 'm/byteorder', bytes: ascii('big') }])
    const { tensors } = await readPytorch(memorySource(bytes, 'big.pt'))
    expect(tensors.get('weight')).toMatchObject({ bigEndian: true })
  })
})

/** A file of before PyTorch 1.6 around any pickle, with one storage of four floats unless told otherwise. */
function legacy(
  pickle: Uint8Array,
  tail: Uint8Array = join(u64(4), zeros(16)),
  keys: Uint8Array = join(p.EMPTY_LIST, p.text('0'), p.APPEND),
): Uint8Array {
  const magic = p.pickle(u8(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19))
  // Written by a big-endian machine: counts and elements are little-endian all the same.
  const system = p.pickle(p.dict(['little_endian', u8(0x89)]))
  return join(magic, p.pickle(p.int(1001)), system, pickle, p.pickle(keys), tail)
}

describe('the older container', () => {
  const rows: [what: string, code: string, bytes: Uint8Array][] = [
    ['sound', 'accepted', legacy(soundPickle)],
    ['cut inside its pickles', 'pickle/truncated', legacy(soundPickle).subarray(0, 100)],
    ['something forbidden', 'pickle/global', legacy(p.pickle(p.call('os', 'system', p.text('id'))))],
    ['cut before a storage', 'pytorch/storage-size', legacy(soundPickle, zeros(0))],
    ['cut inside a storage', 'pytorch/storage-size', legacy(soundPickle, join(u64(4), zeros(15)))],
    ['a storage of 2^62 elements', 'pytorch/storage-size', legacy(soundPickle, join(u64(2n ** 62n), zeros(16)))],
    ['a storage of -1 elements', 'pytorch/storage-size', legacy(soundPickle, join(u64(2n ** 64n - 1n), zeros(16)))],
    ['a storage nobody uses', 'pytorch/storage-missing', legacy(soundPickle, zeros(100), join(p.EMPTY_LIST, p.text('other'), p.APPEND))],
    ['no storages', 'pytorch/storage-missing', legacy(soundPickle, zeros(0), p.EMPTY_LIST)],
    ['keys that are no text', 'pytorch/not-a-checkpoint', legacy(soundPickle, zeros(0), join(p.EMPTY_LIST, p.NONE, p.APPEND))],
    ['bytes behind the last storage', 'pytorch/trailing-bytes', legacy(soundPickle, join(u64(4), zeros(17)))],
  ]
  test.each(rows)('%s: %s', async (_what, code, bytes) => {
    expect(await codeOf(bytes)).toBe(code)
  })
})
