// The short answer of `inspect`: architecture, shape, sizes by type, tokenizer, template. Made from headers.

import { openModel } from '@fs/convert'
import { type Checkpoint, elementCount, FsError, type TensorInfo } from '@fs/core'
import { formatBytes, formatCount, formatTable, printable } from '../../terminal/format.ts'
import { templateOf } from './sections.ts'

export type Overview = {
  readonly name: string
  readonly container: string
  readonly files: readonly { readonly name: string; readonly size: number }[]
  readonly architecture:
    | { readonly id: string; readonly title: string }
    | { readonly unknown: string }
    /** A file without weights; the architecture its vocabulary is for, where it says one. */
    | { readonly vocabularyOf: string | null }
  readonly shape: { readonly [key: string]: number | string } | undefined
  readonly parameters: number
  readonly types: readonly { readonly type: string; readonly tensors: number; readonly parameters: number; readonly bytes: number }[]
  readonly tokenizer: string | undefined
  readonly chatTemplate: boolean
  readonly notices: readonly string[]
}

export async function overviewOf(checkpoint: Checkpoint, label: string): Promise<Overview> {
  const tensors = [...checkpoint.tensors.tensors.values()]
  const { meant, ...understood } = await understand(checkpoint)
  return {
    name: label,
    container: checkpoint.container,
    files: checkpoint.tensors.files.map(({ name, size }) => ({ name, size })),
    ...understood,
    parameters: tensors.reduce((sum, tensor) => sum + elementCount(tensor.shape), 0),
    types: typesOf(tensors),
    tokenizer: tokenizerOf(meant),
    chatTemplate: (await templateOf(meant)) !== undefined,
  }
}

type Understood = Pick<Overview, 'architecture' | 'shape' | 'notices'> & { readonly meant: Checkpoint }

/** A model nobody knows can still be looked at; why it is not understood is part of the answer. */
async function understand(checkpoint: Checkpoint): Promise<Understood> {
  try {
    const { description, notices, checkpoint: meant } = await openModel(checkpoint)
    const { spec, architecture } = description
    const attention = spec.layers[0]?.attention
    const shape = {
      layers: spec.layers.length,
      'hidden size': spec.hiddenSize,
      heads: attention?.heads ?? 0,
      'key-value heads': attention?.keyValueHeads ?? 0,
      'head size': attention?.headDimension ?? 0,
      'feed-forward width': spec.layers[0]?.feedForward.width ?? 0,
      vocabulary: spec.vocabularySize,
      'context length': spec.contextLength,
      ...(spec.kind === 'decoder' ? { head: spec.head.kind } : {}),
    }
    return {
      architecture: { id: architecture.id, title: architecture.title },
      shape,
      notices: notices.map((notice) => notice.message),
      meant,
    }
  } catch (error) {
    if (!FsError.is(error)) throw error
    const named = checkpoint.metadata?.get('general.architecture')
    const vocabularyOf = named?.type === 'STRING' ? named.value : null
    const architecture = error.code === 'convert/no-tensors' ? { vocabularyOf } : { unknown: error.message }
    return { architecture, shape: undefined, notices: [], meant: checkpoint }
  }
}

function architectureInWords(architecture: Overview['architecture']): string {
  if ('unknown' in architecture) return `not understood: ${architecture.unknown}`
  if ('title' in architecture) return architecture.title
  return `none: a vocabulary${architecture.vocabularyOf === null ? '' : ` for ${architecture.vocabularyOf}`}, without weights`
}

function typesOf(tensors: readonly TensorInfo[]): Overview['types'] {
  const sums = new Map<string, { tensors: number; parameters: number; bytes: number }>()
  for (const tensor of tensors) {
    const sum = sums.get(tensor.type) ?? { tensors: 0, parameters: 0, bytes: 0 }
    sum.tensors++
    sum.parameters += elementCount(tensor.shape)
    sum.bytes += tensor.byteLength
    sums.set(tensor.type, sum)
  }
  return [...sums].map(([type, sum]) => ({ type, ...sum })).sort((left, right) => right.bytes - left.bytes)
}

function tokenizerOf(checkpoint: Checkpoint): string | undefined {
  const model = checkpoint.metadata?.get('tokenizer.ggml.model')
  if (model?.type === 'STRING') {
    const pre = checkpoint.metadata?.get('tokenizer.ggml.pre')
    return pre?.type === 'STRING' ? `${model.value}, pre-tokenizer ${pre.value}` : model.value
  }
  const files = ['tokenizer.json', 'tokenizer.model', 'vocab.txt', 'vocab.json'].filter((name) => checkpoint.folder.files.has(name))
  return files.length > 0 ? files.join(', ') : undefined
}

export function overviewText(overview: Overview): string {
  const bytes = overview.types.reduce((sum, type) => sum + type.bytes, 0)
  const facts: string[][] = [
    ['model', overview.name],
    ['architecture', architectureInWords(overview.architecture)],
    [
      'container',
      `${overview.container}, ${overview.files.length} file${overview.files.length === 1 ? '' : 's'}, ${formatBytes(overview.files.reduce((sum, file) => sum + file.size, 0))}`,
    ],
    [
      'parameters',
      `${formatCount(overview.parameters)} in ${overview.types.reduce((sum, type) => sum + type.tensors, 0)} tensors, ${((8 * bytes) / Math.max(1, overview.parameters)).toFixed(2)} bits each`,
    ],
    ...Object.entries(overview.shape ?? {}).map(([key, value]) => [key, String(value)]),
    ['tokenizer', overview.tokenizer ?? 'none'],
    ['chat template', overview.chatTemplate ? 'yes (show it with --template)' : 'none'],
  ]
  const types = formatTable(
    [
      ['type', 'tensors', 'parameters', 'size'],
      ...overview.types.map((type) => [type.type, String(type.tensors), formatCount(type.parameters), formatBytes(type.bytes)]),
    ],
    new Set([1, 2, 3]),
  )
  const notices = overview.notices.map((notice) => `\nnote: ${notice}`).join('')
  return printable(`${formatTable(facts)}\n\n${types}${notices}`)
}
