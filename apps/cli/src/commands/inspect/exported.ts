// `inspect` of an ONNX export: what goes in and comes out, which operators it needs, and its weights by type and place.
// Read from the graph's own file; nothing is run, and of the weights nothing is read.
import { basename } from 'node:path'
import type { Checkpoint } from '@fs/core'
import type { ModelDescription, ModelValue } from '@fs/onnx'
import { describeExported, exportedFile } from '../../engine/exported-model.ts'
import { cliError } from '../../errors.ts'
import { formatBytes, formatCount, formatTable, printable } from '../../terminal/format.ts'
import { metadataJson, metadataText, templateOf } from './sections.ts'

export type ExportedView = 'overview' | 'tensors' | 'metadata' | 'template'

/** What is asked for by options that checkpoints have too. @throws FsError `cli/usage` for those an export cannot answer */
export function exportedView(options: {
  readonly values?: string
  readonly diff?: string
  readonly tensors?: true
  readonly metadata?: true
  readonly template?: true
}): ExportedView {
  if (options.values !== undefined || options.diff !== undefined) {
    const instead = 'whether it computes what it was made from is answered by fartsovka verify'
    throw cliError('cli/usage', `of an ONNX model inspect shows --tensors, --metadata and --template; ${instead}`, {})
  }
  if (options.tensors) return 'tensors'
  if (options.metadata) return 'metadata'
  return options.template ? 'template' : 'overview'
}

/** @throws FsError `onnx/damaged` */
export async function inspectExported(
  checkpoint: Checkpoint,
  label: string,
  view: ExportedView,
): Promise<{ readonly json: unknown; readonly text: () => string }> {
  switch (view) {
    case 'metadata':
      return { json: metadataJson(checkpoint), text: () => metadataText(checkpoint) }
    case 'template': {
      const template = await templateOf(checkpoint)
      return { json: { template }, text: () => printable(template ?? 'The model has no chat template.') }
    }
    case 'tensors': {
      const { weights } = await describeExported(checkpoint)
      return { json: weights, text: () => printable(weightsText(weights)) }
    }
    case 'overview': {
      const overview = await overviewOf(checkpoint, label)
      return { json: overview, text: () => printable(overviewText(overview)) }
    }
    default:
      return view satisfies never
  }
}

type TypeSum = { readonly type: string; readonly tensors: number; readonly numbers: number; readonly bytes: number }

type ExportedOverview = Omit<ModelDescription, 'weights'> & {
  readonly name: string
  readonly container: string
  readonly files: readonly { readonly name: string; readonly size: number }[]
  readonly architecture: string | undefined
  readonly types: readonly TypeSum[]
  readonly chatTemplate: boolean
  readonly otherModels: readonly string[]
}

async function overviewOf(checkpoint: Checkpoint, label: string): Promise<ExportedOverview> {
  const { weights, ...description } = await describeExported(checkpoint)
  const { config, folder, tensors } = checkpoint
  const architectures = config?.architectures
  const own = basename(exportedFile(checkpoint).name)
  return {
    name: label,
    container: checkpoint.container,
    files: tensors.files.map(({ name, size }) => ({ name, size })),
    architecture: Array.isArray(architectures) ? String(architectures[0]) : undefined,
    ...description,
    types: typesOf(weights),
    chatTemplate: (await templateOf(checkpoint)) !== undefined,
    otherModels: [...folder.files.keys()].filter((name) => name.endsWith('.onnx') && basename(name) !== own),
  }
}

function typesOf(weights: ModelDescription['weights']): readonly TypeSum[] {
  const sums = new Map<string, { tensors: number; numbers: number; bytes: number }>()
  // Two weights may see the same bytes in different shapes.
  const seen = new Set<string>()
  for (const { type, shape, bytes, location, offset, name } of weights) {
    const place = location === null ? name : `${location} ${offset}`
    if (seen.has(place)) continue
    seen.add(place)
    const sum = sums.get(type) ?? { tensors: 0, numbers: 0, bytes: 0 }
    sum.tensors++
    sum.numbers += shape.reduce((product, size) => product * size, 1)
    sum.bytes += bytes ?? 0
    sums.set(type, sum)
  }
  return [...sums].map(([type, sum]) => ({ type, ...sum })).sort((left, right) => right.bytes - left.bytes)
}

function overviewText(overview: ExportedOverview): string {
  const { files, opsets, inputs, outputs, operators, types, otherModels } = overview
  const facts = [
    ['model', overview.name],
    ['architecture', overview.architecture ?? 'not said'],
    [
      'container',
      `ONNX, ${files.length} file${files.length === 1 ? '' : 's'}, ${formatBytes(files.reduce((sum, { size }) => sum + size, 0))}`,
    ],
    ['graph', files[0]!.name],
    ...(otherModels.length === 0 ? [] : [['beside it', otherModels.join(', ')]]),
    ['written by', overview.producer === '' ? 'nobody says' : overview.producer],
    ['operator sets', `${opsets.map(({ domain, version }) => `${domain} ${version}`).join(', ')} (IR version ${overview.irVersion})`],
    ['operators', operators.map(({ operator, count }) => `${count} ${operator}`).join(', ')],
    ['chat template', overview.chatTemplate ? 'yes (show it with --template)' : 'none'],
  ]
  const values = (heading: string, all: readonly ModelValue[]): string =>
    formatTable([[heading, 'type', 'shape'], ...folded(all).map(({ name, type, shape }) => [name, type, `[${shape.join(', ')}]`])])
  const rows = types.map(({ type, tensors, numbers, bytes }) => [type, String(tensors), formatCount(numbers), formatBytes(bytes)])
  const weights = formatTable([['weights', 'tensors', 'numbers', 'size'], ...rows], new Set([1, 2, 3]))
  return [formatTable(facts), values('input', inputs), values('output', outputs), weights].join('\n\n')
}

/** Caches have one name for each layer, which are shown once: `present.{0..27}.key`. */
function folded(values: readonly ModelValue[]): readonly ModelValue[] {
  const groups = new Map<string, { value: ModelValue; layers: string[] }>()
  for (const value of values) {
    const [, before, layer, after] = /^(.*\.)(\d+)(\..*)$/.exec(value.name) ?? []
    const key = layer === undefined ? value.name : `${before} ${after} ${value.type} ${value.shape.join()}`
    const group = groups.get(key) ?? { value, layers: [] }
    if (layer !== undefined) group.layers.push(layer)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ value, layers }) =>
    layers.length < 2 ? value : { ...value, name: value.name.replace(/\.\d+\./, `.{${layers[0]}..${layers.at(-1)}}.`) },
  )
}

function weightsText(weights: ModelDescription['weights']): string {
  const rows = weights.map(({ name, type, shape, bytes, location, offset }) => [
    name.replaceAll('\n', '\\n'),
    type,
    `[${shape.join(', ')}]`,
    bytes === null ? '?' : formatBytes(bytes),
    location === null ? 'in the graph' : `${location} at ${offset}`,
  ])
  return formatTable([['name', 'type', 'shape', 'size', 'place'], ...rows], new Set([3]))
}
