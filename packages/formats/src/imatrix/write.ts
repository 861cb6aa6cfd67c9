// Writes importance matrices in both forms, byte for byte as llama-imatrix lays them out (tools/imatrix/imatrix.cpp).
import type { MetadataValue } from '@fs/core'
import { layoutGguf } from '../gguf/index.ts'
import type { Imatrix, ImatrixEntry } from './imatrix.ts'

/** The GGUF form: `<tensor>.in_sum2` [matrices, channels] and `<tensor>.counts` [matrices, 1] for each tensor, by name. */
export function encodeImatrixGguf({ entries, datasets, chunkCount, chunkSize }: Imatrix): Uint8Array {
  const metadata = new Map<string, MetadataValue>([
    ['general.type', { type: 'STRING', value: 'imatrix' }],
    ['imatrix.datasets', { type: 'ARRAY', of: 'STRING', value: datasets }],
    ['imatrix.chunk_count', { type: 'UINT32', value: chunkCount }],
    ['imatrix.chunk_size', { type: 'UINT32', value: chunkSize }],
  ])
  const values = new Map<string, Float32Array>()
  const tensors = sorted(entries).flatMap(([name, { sums, counts }]) => {
    values.set(`${name}.in_sum2`, sums).set(`${name}.counts`, counts)
    return [
      { name: `${name}.in_sum2`, type: 'F32' as const, shape: [counts.length, sums.length / counts.length] },
      { name: `${name}.counts`, type: 'F32' as const, shape: [counts.length, 1] },
    ]
  })
  const layout = layoutGguf({ metadata, tensors })
  const bytes = new Uint8Array(layout.size)
  bytes.set(layout.header)
  const view = new DataView(bytes.buffer)
  for (const { name, offset } of layout.tensors) {
    for (const [index, value] of values.get(name)!.entries()) view.setFloat32(offset + index * 4, value, true)
  }
  return bytes
}

/** The older form. It has one count for a tensor: sums become `sum / count * calls`, where calls are the chunks the largest count fills. */
export function encodeImatrixDat({ entries, datasets, chunkCount, chunkSize }: Imatrix): Uint8Array {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  const int32 = (value: number) => parts.push(new Uint8Array(Int32Array.of(value).buffer))
  const text = (value: string) => {
    const bytes = encoder.encode(value)
    int32(bytes.length)
    parts.push(bytes)
  }
  int32(entries.size)
  for (const [name, entry] of sorted(entries)) {
    text(name)
    const calls = callsOf(entry, chunkSize)
    int32(calls)
    int32(entry.sums.length)
    const channels = entry.sums.length / entry.counts.length
    parts.push(
      new Uint8Array(
        entry.sums.map((sum, index) => {
          const count = entry.counts[Math.floor(index / channels)]!
          return count > 0 ? Math.fround(Math.fround(sum / count) * calls) : calls
        }).buffer,
      ),
    )
  }
  int32(chunkCount)
  text(datasets[0] ?? '')
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let position = 0
  for (const part of parts) {
    bytes.set(part, position)
    position += part.length
  }
  return bytes
}

function callsOf({ counts }: ImatrixEntry, chunkSize: number): number {
  return Math.ceil(counts.reduce((most, count) => Math.max(most, count), 0) / Math.max(1, chunkSize))
}

function sorted(entries: Imatrix['entries']): readonly (readonly [string, ImatrixEntry])[] {
  return [...entries].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0))
}
