// What differs between two models' headers: metadata or configuration by key, tensors by name. Values of weights are not read; `verify` compares what models compute.
import type { Checkpoint, TensorInfo } from '@fs/core'
import { formatTable, printable } from '../../terminal/format.ts'
import { metadataJson } from './sections.ts'

/** One side is absent where only the other model has the key or tensor. */
export type Difference = { readonly what: 'metadata' | 'tensor'; readonly name: string; readonly left?: string; readonly right?: string }

export function differences(left: Checkpoint, right: Checkpoint): readonly Difference[] {
  return [
    ...between('metadata', textsOf(Object.entries(metadataJson(left))), textsOf(Object.entries(metadataJson(right)))),
    ...between('tensor', tensorTexts(left), tensorTexts(right)),
  ]
}

/** Lines `- key value` and `+ key value`, as diff has them; nothing when the headers say the same. */
export function differencesText(found: readonly Difference[]): string {
  if (found.length === 0) return 'The headers say the same.'
  const rows = found.flatMap(({ what, name, left, right }) => [
    ...(left === undefined ? [] : [['-', what, name, left]]),
    ...(right === undefined ? [] : [['+', what, name, right]]),
  ])
  return formatTable(rows.map((row) => row.map((cell) => printable(cell, 100).replaceAll('\n', '\\n'))))
}

function between(what: Difference['what'], left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): readonly Difference[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].filter((name) => left.get(name) !== right.get(name))
  return names.map((name) => ({ what, name, ...side('left', left.get(name)), ...side('right', right.get(name)) }))
}

const side = <Key extends 'left' | 'right'>(key: Key, text: string | undefined) => (text === undefined ? {} : { [key]: text })

function textsOf(entries: readonly (readonly [string, unknown])[]): ReadonlyMap<string, string> {
  return new Map(
    entries.map(([key, value]) => [key, JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner))]),
  )
}

function tensorTexts({ tensors }: Checkpoint): ReadonlyMap<string, string> {
  return new Map([...tensors.tensors.values()].map((tensor: TensorInfo) => [tensor.name, `${tensor.type} [${tensor.shape.join(', ')}]`]))
}
