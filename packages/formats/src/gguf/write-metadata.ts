// Writes the key-value part of a GGUF header. Numbers that their type cannot hold are refused, never wrapped.
import type { MetadataArray, MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import type { ByteWriter } from './byte-writer.ts'
import { NUMBER_TYPES, type NumberTypeName, valueTypeId } from './value-types.ts'

/**
 * Writes all pairs in the map's order.
 * @throws FsError gguf/unwritable for an empty key or a number outside its type
 */
export function writeMetadata(writer: ByteWriter, metadata: ReadonlyMap<string, MetadataValue>): void {
  for (const [key, value] of metadata) {
    if (key === '') throw fail('gguf/unwritable', 'a metadata key is empty')
    writer.string(key)
    writer.u32(valueTypeId(value.type))
    if (value.type === 'ARRAY') writeArray(writer, key, value)
    else writeScalar(writer, key, value)
  }
}

function writeScalar(writer: ByteWriter, key: string, value: Exclude<MetadataValue, MetadataArray>): void {
  switch (value.type) {
    case 'STRING':
      writer.string(value.value)
      break
    case 'BOOL':
      writer.bytes(Uint8Array.of(value.value ? 1 : 0))
      break
    case 'UINT64':
    case 'INT64':
      writeInteger64(writer, key, value.type, value.value)
      break
    default:
      writeNumber(writer, key, value.type, value.value)
  }
}

function writeArray(writer: ByteWriter, key: string, array: MetadataArray): void {
  writer.u32(valueTypeId(array.of))
  writer.u64(array.value.length)
  switch (array.of) {
    case 'STRING':
      for (const item of array.value) writer.string(item)
      return
    case 'BOOL':
      writer.bytes(Uint8Array.from(array.value, (item) => (item ? 1 : 0)))
      return
    case 'UINT64':
    case 'INT64':
      for (const item of array.value) writeInteger64(writer, key, array.of, item)
      return
    case 'ARRAY':
      for (const item of array.value) writeArray(writer, key, item)
      return
    default:
      for (let index = 0; index < array.value.length; index++) writeNumber(writer, key, array.of, array.value[index]!)
  }
}

function writeNumber(writer: ByteWriter, key: string, type: NumberTypeName, value: number): void {
  const { bytes, write, holds } = NUMBER_TYPES[type]
  if (!holds(value)) throw unwritable(key, type, value)
  writer.number(bytes, (view, at) => write(view, at, value))
}

function writeInteger64(writer: ByteWriter, key: string, type: 'UINT64' | 'INT64', value: bigint): void {
  const wrapped = type === 'UINT64' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)
  if (wrapped !== value) throw unwritable(key, type, value)
  if (type === 'UINT64') writer.u64(value)
  else writer.i64(value)
}

function unwritable(key: string, type: string, value: number | bigint) {
  return fail('gguf/unwritable', `metadata "${key}" is ${value}, which ${type} cannot hold`, { key, type, value })
}
