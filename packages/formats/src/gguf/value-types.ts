// The types of GGUF metadata values: id in the file, bytes, and how one is taken from a cursor. `enum gguf_type` (ggml/include/gguf.h).
import type { MetadataValue } from '@fs/core'
import type { HeaderCursor } from '../header-cursor.ts'

export type ValueTypeName = MetadataValue['type']
export type NumberTypeName = Exclude<ValueTypeName, 'UINT64' | 'INT64' | 'BOOL' | 'STRING' | 'ARRAY'>

type NumberType = {
  readonly id: number
  readonly bytes: number
  readonly read: (cursor: HeaderCursor) => number
  readonly write: (view: DataView, at: number, value: number) => void
  /** Makes the array a list of such values is kept in. */
  readonly array: (
    length: number,
  ) => Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array
  /** Whether `value` is written and read back as the same number. */
  readonly holds: (value: number) => boolean
}

const whole = (low: number, high: number) => (value: number) => Number.isInteger(value) && value >= low && value <= high

/** Types whose values are JavaScript numbers. */
export const NUMBER_TYPES = {
  UINT8: {
    id: 0,
    bytes: 1,
    read: (c) => c.u8(),
    write: (v, at, n) => v.setUint8(at, n),
    array: (n) => new Uint8Array(n),
    holds: whole(0, 0xff),
  },
  INT8: {
    id: 1,
    bytes: 1,
    read: (c) => c.i8(),
    write: (v, at, n) => v.setInt8(at, n),
    array: (n) => new Int8Array(n),
    holds: whole(-0x80, 0x7f),
  },
  UINT16: {
    id: 2,
    bytes: 2,
    read: (c) => c.u16(),
    write: (v, at, n) => v.setUint16(at, n, true),
    array: (n) => new Uint16Array(n),
    holds: whole(0, 0xffff),
  },
  INT16: {
    id: 3,
    bytes: 2,
    read: (c) => c.i16(),
    write: (v, at, n) => v.setInt16(at, n, true),
    array: (n) => new Int16Array(n),
    holds: whole(-0x8000, 0x7fff),
  },
  UINT32: {
    id: 4,
    bytes: 4,
    read: (c) => c.u32(),
    write: (v, at, n) => v.setUint32(at, n, true),
    array: (n) => new Uint32Array(n),
    holds: whole(0, 0xffffffff),
  },
  INT32: {
    id: 5,
    bytes: 4,
    read: (c) => c.i32(),
    write: (v, at, n) => v.setInt32(at, n, true),
    array: (n) => new Int32Array(n),
    holds: whole(-0x80000000, 0x7fffffff),
  },
  FLOAT32: {
    id: 6,
    bytes: 4,
    read: (c) => c.f32(),
    write: (v, at, n) => v.setFloat32(at, n, true),
    array: (n) => new Float32Array(n),
    holds: () => true,
  },
  FLOAT64: {
    id: 12,
    bytes: 8,
    read: (c) => c.f64(),
    write: (v, at, n) => v.setFloat64(at, n, true),
    array: (n) => new Float64Array(n),
    holds: () => true,
  },
} as const satisfies { readonly [Name in NumberTypeName]: NumberType }

/** Ids and smallest sizes in the file of the types that are not JavaScript numbers. A version 1 string or array has a 4-byte length. */
export const OTHER_TYPES = {
  BOOL: { id: 7, bytes: 1 },
  STRING: { id: 8, bytes: 4 },
  ARRAY: { id: 9, bytes: 8 },
  UINT64: { id: 10, bytes: 8 },
  INT64: { id: 11, bytes: 8 },
} as const satisfies { readonly [Name in Exclude<ValueTypeName, NumberTypeName>]: { readonly id: number; readonly bytes: number } }

const namesById: ReadonlyMap<number, ValueTypeName> = new Map([
  ...(Object.keys(NUMBER_TYPES) as NumberTypeName[]).map((name) => [NUMBER_TYPES[name].id, name] as const),
  ...(Object.keys(OTHER_TYPES) as (keyof typeof OTHER_TYPES)[]).map((name) => [OTHER_TYPES[name].id, name] as const),
])

/** The type with this id, or undefined. */
export function valueTypeById(id: number): ValueTypeName | undefined {
  return namesById.get(id)
}

export function isNumberType(name: ValueTypeName): name is NumberTypeName {
  return Object.hasOwn(NUMBER_TYPES, name)
}

/** Id of a value's type, or of an array's element type. */
export function valueTypeId(name: ValueTypeName): number {
  return isNumberType(name) ? NUMBER_TYPES[name].id : OTHER_TYPES[name].id
}
