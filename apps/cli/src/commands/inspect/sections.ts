// The long answers of `inspect`: the tensors, every metadata value, the template.

import { findTemplatesInFolder, findTemplatesInMetadata } from '@fs/chat-format/find'
import { type Checkpoint, elementCount, type MetadataValue, type TensorInfo } from '@fs/core'
import { formatBytes, formatCount, formatTable, printable } from '../../terminal/format.ts'
import { type FoldedTensor, foldLayers } from './fold-layers.ts'

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

/** @param folding `folded` shows layers that hold the same tensors once */
export function tensorsText(checkpoint: Checkpoint, folding: 'folded' | 'all'): string {
  const all = checkpoint.tensors.tensors.values()
  const groups: readonly FoldedTensor[] =
    folding === 'folded' ? foldLayers(all) : [...all].map((tensor) => ({ name: tensor.name, tensors: [tensor] }))
  const rows = groups.map(({ name, tensors }) => {
    const [{ type, shape }] = tensors as readonly [TensorInfo, ...TensorInfo[]]
    const bytes = tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0)
    return [oneLine(name), type, `[${shape.join(', ')}]`, formatCount(tensors.length * elementCount(shape)), formatBytes(bytes)]
  })
  return formatTable([['name', 'type', 'shape', 'parameters', 'size'], ...rows], new Set([3, 4]))
}

/** A name from a file takes one line, whatever is in it. */
const oneLine = (name: string): string => printable(name).replaceAll('\n', '\\n').replaceAll('\t', '\\t')

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
    oneLine(key),
    typeName(value),
    printable(shortValue(value), 100).replaceAll('\n', '\\n').replaceAll('\t', '\\t'),
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
