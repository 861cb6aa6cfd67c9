// The least that reads a GGUF file's metadata, so that this package can be tested on real vocabularies without its sibling `@fs/formats`.
// It trusts its input: it is for tests only.
import type { MetadataArray, MetadataValue } from '@fs/core'

const TYPES = [
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'UINT32',
  'INT32',
  'FLOAT32',
  'BOOL',
  'STRING',
  'ARRAY',
  'UINT64',
  'INT64',
  'FLOAT64',
] as const

export function readMetadata(bytes: Uint8Array): Map<string, MetadataValue> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(4, true)
  let at = 8
  const take = (size: number) => {
    at += size
    return at - size
  }
  const length = () => (version === 1 ? view.getUint32(take(4), true) : Number(view.getBigUint64(take(8), true)))
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const string = () => {
    const size = length()
    return decoder.decode(bytes.subarray(take(size), at))
  }
  const scalar = (type: (typeof TYPES)[number]): unknown => {
    switch (type) {
      case 'UINT8':
        return view.getUint8(take(1))
      case 'INT8':
        return view.getInt8(take(1))
      case 'UINT16':
        return view.getUint16(take(2), true)
      case 'INT16':
        return view.getInt16(take(2), true)
      case 'UINT32':
        return view.getUint32(take(4), true)
      case 'INT32':
        return view.getInt32(take(4), true)
      case 'FLOAT32':
        return view.getFloat32(take(4), true)
      case 'FLOAT64':
        return view.getFloat64(take(8), true)
      case 'UINT64':
        return view.getBigUint64(take(8), true)
      case 'INT64':
        return view.getBigInt64(take(8), true)
      case 'BOOL':
        return view.getUint8(take(1)) !== 0
      case 'STRING':
        return string()
      case 'ARRAY': {
        const of = TYPES[view.getUint32(take(4), true)]!
        const count = length()
        return { type: 'ARRAY', of, value: Array.from({ length: count }, () => scalar(of)) } as MetadataArray
      }
      default:
        return type satisfies never
    }
  }
  length()
  const count = length()
  const metadata = new Map<string, MetadataValue>()
  for (let index = 0; index < count; index++) {
    const key = string()
    const type = TYPES[view.getUint32(take(4), true)]!
    const value = scalar(type)
    metadata.set(key, type === 'ARRAY' ? (value as MetadataArray) : ({ type, value } as MetadataValue))
  }
  return metadata
}
