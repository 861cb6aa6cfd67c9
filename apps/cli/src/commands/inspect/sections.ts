// The long answers of `inspect`: every tensor, every metadata value, the template.

import { findTemplatesInFolder, findTemplatesInMetadata } from '@fs/chat-format/find'
import { type Checkpoint, elementCount, type MetadataValue } from '@fs/core'
import { formatBytes, formatCount, formatTable, printable } from '../../terminal/format.ts'

export function tensorsJson(checkpoint: Checkpoint) {
  return [...checkpoint.tensors.tensors.values()].map(({ name, type, shape, file, offset, byteLength }) => ({
    name,
    type,
    shape,
    file: checkpoint.tensors.files[file]!.name,
    offset,
    byteLength,
  }))
}

/** Layers that hold the same tensors are shown once, as `blk.{0..15}.…`. */
export function tensorsText(checkpoint: Checkpoint): string {
  const rows = [...checkpoint.tensors.tensors.values()].map((tensor) => [
    tensor.name,
    tensor.type,
    `[${tensor.shape.join(', ')}]`,
    formatCount(elementCount(tensor.shape)),
    formatBytes(tensor.byteLength),
  ])
  return printable(formatTable([['name', 'type', 'shape', 'parameters', 'size'], ...rows], new Set([3, 4])))
}

export function metadataJson(checkpoint: Checkpoint) {
  if (checkpoint.metadata === undefined) return checkpoint.config ?? {}
  return Object.fromEntries([...checkpoint.metadata].map(([key, value]) => [key, jsonValue(value)]))
}

function jsonValue(value: MetadataValue): unknown {
  return value.type === 'ARRAY' ? Array.from(value.value as ArrayLike<unknown>) : value.value
}

export function metadataText(checkpoint: Checkpoint): string {
  if (checkpoint.metadata === undefined) return printable(JSON.stringify(checkpoint.config ?? {}, null, 2))
  const rows = [...checkpoint.metadata].map(([key, value]) => [
    key,
    typeName(value),
    printable(shortValue(value), 100).replaceAll('\n', '\\n'),
  ])
  return formatTable([['key', 'type', 'value'], ...rows])
}

const typeName = (value: MetadataValue): string => (value.type === 'ARRAY' ? `${value.of}[${value.value.length}]` : value.type)

function shortValue(value: MetadataValue): string {
  if (value.type !== 'ARRAY') return String(value.value)
  const items = Array.from(value.value as ArrayLike<unknown>).slice(0, 8)
  return `${items.map((item) => JSON.stringify(item, (_, inner) => (typeof inner === 'bigint' ? Number(inner) : inner))).join(', ')}${value.value.length > 8 ? ', …' : ''}`
}

/** The template used when no other is asked for. */
export async function templateOf(checkpoint: Checkpoint): Promise<string | undefined> {
  const { metadata, folder } = checkpoint
  const report = metadata === undefined ? await findTemplatesInFolder(folder) : findTemplatesInMetadata(metadata)
  return report.templates.get('default')?.source
}
