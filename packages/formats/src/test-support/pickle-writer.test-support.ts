// Writes pickles instruction by instruction, sound ones and others. For tests and the fuzzer.
import { ascii, join, u8, u16, u32 } from './byte-parts.test-support.ts'

const PROTO = u8(0x80, 2)
export const MARK = u8(0x28)
export const TUPLE = u8(0x74)
export const EMPTY_TUPLE = u8(0x29)
export const EMPTY_DICT = u8(0x7d)
export const EMPTY_LIST = u8(0x5d)
export const SETITEM = u8(0x73)
export const SETITEMS = u8(0x75)
export const APPEND = u8(0x61)
export const REDUCE = u8(0x52)
export const BUILD = u8(0x62)
export const NONE = u8(0x4e)
export const PERSISTENT = u8(0x51)
export const STOP = u8(0x2e)

export const text = (value: string) => join(u8(0x58), u32(ascii(value).length), ascii(value))
export const global = (module: string, name: string) => join(u8(0x63), ascii(`${module}\n${name}\n`))
export const put = (index: number) => u8(0x71, index)
export const get = (index: number) => u8(0x68, index)
export const tuple = (...items: Uint8Array[]) => join(MARK, ...items, TUPLE)
export const call = (module: string, name: string, ...args: Uint8Array[]) => join(global(module, name), tuple(...args), REDUCE)
export const dict = (...pairs: [key: string, value: Uint8Array][]) =>
  join(EMPTY_DICT, MARK, ...pairs.flatMap(([key, value]) => [text(key), value]), SETITEMS)
export const pickle = (...parts: Uint8Array[]) => join(PROTO, ...parts, STOP)

/** An integer in the shortest of torch's forms. */
export function int(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && value >= 0 && value < 0x100) return u8(0x4b, value)
  if (typeof value === 'number' && value >= 0 && value < 0x10000) return join(u8(0x4d), u16(value))
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31)
    return join(u8(0x4a), new Uint8Array(Int32Array.of(value).buffer))
  const wide = BigInt(value)
  return join(
    u8(0x8a, 9),
    Uint8Array.from({ length: 9 }, (_, index) => Number((wide >> BigInt(8 * index)) & 0xffn)),
  )
}

export type TensorParts = {
  readonly storageClass?: string
  readonly key?: string
  readonly count: number | bigint
  readonly start?: number | bigint
  readonly shape: readonly (number | bigint)[]
  readonly strides: readonly (number | bigint)[]
  /** The sixth part of a storage's id, which only the older container has. */
  readonly view?: Uint8Array
}

/** A tensor as torch.save records it. */
export function tensor({ storageClass = 'FloatStorage', key = '0', count, start = 0, shape, strides, view }: TensorParts): Uint8Array {
  const storage = join(
    tuple(text('storage'), global('torch', storageClass), text(key), text('cpu'), int(count), ...(view === undefined ? [] : [view])),
    PERSISTENT,
  )
  const hooks = join(global('collections', 'OrderedDict'), EMPTY_TUPLE, REDUCE)
  return call(
    'torch._utils',
    '_rebuild_tensor_v2',
    storage,
    int(start),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    u8(0x89),
    hooks,
  )
}
