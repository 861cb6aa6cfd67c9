// Fuzzes the PyTorch reader, both containers: pickles whose numbers lie and whose instructions are exchanged now and then, in zip files that lie.
import { readPytorch } from '../../pytorch/read.ts'
import * as p from '../../test-support/pickle-writer.test-support.ts'
import { type ZipPart, zipFile } from '../../test-support/zip-writer.test-support.ts'
import { concat, maybeLie } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

const STORAGES = [
  ['FloatStorage', 4],
  ['HalfStorage', 2],
  ['BFloat16Storage', 2],
  ['LongStorage', 8],
  ['BoolStorage', 1],
] as const

type Storage = { readonly key: string; readonly storageClass: string; readonly count: number; readonly bytes: Uint8Array }

function makeStorages(random: Random): Storage[] {
  return Array.from({ length: 1 + random.below(3) }, (_, index) => {
    const [storageClass, width] = random.pick(STORAGES)
    const count = random.below(20)
    return { key: `${index}`, storageClass, count, bytes: new Uint8Array(count * width) }
  })
}

function makeTensor(random: Random, storages: readonly Storage[], container: 'zip' | 'legacy'): Uint8Array {
  const storage = random.pick(storages)
  const shape: number[] = []
  for (let left = storage.count; shape.length < random.below(4) && left > 0; ) {
    const size = 1 + random.below(Math.min(4, left))
    shape.push(size)
    left = Math.floor(left / size)
  }
  const strides = shape.map((_, dimension) => shape.slice(dimension + 1).reduce((product, size) => product * size, 1))
  if (random.oneIn(4)) strides.reverse()
  const start = shape.length === 0 && storage.count === 0 ? 0 : random.below(2)
  const numbers = (values: readonly number[]) => values.map((value) => BigInt.asIntN(64, maybeLie(random, value)))
  const record = p.tensor({
    storageClass: storage.storageClass,
    key: storage.key,
    count: BigInt.asIntN(64, maybeLie(random, storage.count)),
    start: BigInt.asIntN(64, maybeLie(random, start)),
    shape: numbers(shape),
    strides: numbers(strides),
    ...(container === 'legacy' ? { view: random.oneIn(60) ? p.EMPTY_TUPLE : p.NONE } : {}),
  })
  return random.oneIn(6) ? p.call('torch._utils', '_rebuild_parameter', record, p.NONE, p.NONE) : record
}

/** Sound pieces in places where they may not be. */
const STRAY = [
  p.NONE,
  p.MARK,
  p.TUPLE,
  p.EMPTY_DICT,
  p.EMPTY_LIST,
  p.SETITEM,
  p.SETITEMS,
  p.APPEND,
  p.REDUCE,
  p.BUILD,
  p.PERSISTENT,
  p.STOP,
  p.put(0),
  p.get(0),
  p.get(9),
] as const

function makePickle(random: Random, storages: readonly Storage[]): Uint8Array {
  const pairs = Array.from({ length: random.below(4) }, (_, index): [string, Uint8Array] => {
    const stray = random.oneIn(40) ? random.pick(STRAY) : new Uint8Array(0)
    return [random.oneIn(20) ? '__proto__' : `module.w${index}`, concat(stray, makeTensor(random, storages, 'zip'))]
  })
  const state = concat(p.dict(...pairs), p.put(0))
  const value = random.oneIn(3)
    ? p.dict(['model', state], ['step', p.int(random.below(9))], ['again', random.oneIn(4) ? p.get(0) : p.NONE])
    : state
  const evil = random.oneIn(40)
    ? p.call(random.pick(['os', 'collections', 'torch', 'torch._utils']), random.pick(['system', 'OrderedDict', '_rebuild_tensor_v2']))
    : new Uint8Array(0)
  return p.pickle(evil, value)
}

function buildZip(random: Random): Uint8Array {
  const storages = makeStorages(random)
  const parts: ZipPart[] = [
    { name: 'm/data.pkl', bytes: makePickle(random, storages) },
    { name: 'm/version', bytes: new TextEncoder().encode('3\n') },
    ...(random.oneIn(3) ? [{ name: 'm/byteorder', bytes: new TextEncoder().encode(random.pick(['little', 'big', 'middle'])) }] : []),
    ...storages.map(({ key, bytes }) => ({ name: `m/data/${random.oneIn(40) ? '0' : key}`, bytes })),
  ].map((part) => ({
    ...part,
    ...(random.oneIn(60) ? { method: 8 } : {}),
    told: { size: Number(maybeLie(random, part.bytes.length) & 0xffffffffn) },
  }))
  return zipFile(parts, random.oneIn(4) ? { zip64: { count: maybeLie(random, parts.length) } } : {})
}

function buildLegacy(random: Random): Uint8Array {
  const storages = makeStorages(random)
  const magic = p.pickle(Uint8Array.of(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19))
  const system = p.pickle(p.dict(['little_endian', Uint8Array.of(random.oneIn(8) ? 0x89 : 0x88)]))
  const keys = p.pickle(concat(p.EMPTY_LIST, ...storages.flatMap(({ key }) => [p.text(key), p.APPEND])))
  // Every storage is used once more than the tensors do, so that each has a known number format.
  const uses = storages.map(({ key, storageClass, count }): [string, Uint8Array] => [
    `u${key}`,
    p.tensor({ key, storageClass, count, shape: [count], strides: [1], view: p.NONE }),
  ])
  const value = p.pickle(p.dict(...uses, ['w', makeTensor(random, storages, 'legacy')]))
  const data = storages.map(({ count, bytes }) => concat(new Uint8Array(BigUint64Array.of(maybeLie(random, count)).buffer), bytes))
  return concat(magic, p.pickle(p.int(1001)), system, value, keys, ...data)
}

export const pytorchZip: FuzzTarget = { id: 'pytorch', build: buildZip, read: readPytorch }
export const pytorchLegacy: FuzzTarget = { id: 'pytorch-legacy', build: buildLegacy, read: readPytorch }
