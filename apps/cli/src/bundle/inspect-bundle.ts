// What `inspect` says of a LiteRT-LM bundle: sections, signatures, weights by type, and the settings the engine takes from it.

import type { ByteSource } from '@fs/core'
import { elementCount } from '@fs/core'
import { type Bundle, graphShape, readBundle } from '@fs/litertlm/bundle'
import type { MetadataToken, SamplerParameters } from '@fs/litertlm/metadata'
import { formatBytes, formatCount, formatTable, printable } from '../terminal/format.ts'
import { constantsOf } from './constants.ts'

export type BundleView = 'overview' | 'tensors' | 'metadata' | 'template'

/** @returns the answer as JSON, and a function that says it for people */
export async function inspectBundle(
  source: ByteSource,
  label: string,
  view: BundleView,
): Promise<{ readonly json: unknown; readonly text: () => string }> {
  const bundle = await readBundle(source)
  switch (view) {
    case 'overview': {
      const json = overviewOf(bundle, label, source.size)
      return { json, text: () => overviewText(json) }
    }
    case 'tensors': {
      const json = constantsOf(bundle.tflite)
      return { json, text: () => tensorsText(json) }
    }
    case 'metadata':
      return { json: metadataOf(bundle), text: () => printable(JSON.stringify(metadataOf(bundle), null, 2)) }
    case 'template': {
      const template = bundle.metadata.jinjaTemplate
      return { json: { template }, text: () => printable(template ?? 'The bundle has no chat template.') }
    }
    default:
      return view satisfies never
  }
}

/** Names as `convert --metadata` takes them. */
function metadataOf({ container, metadata }: Bundle) {
  return {
    ...Object.fromEntries(container.system),
    start_token: tokenOf(metadata.startToken),
    stop_tokens: metadata.stopTokens.map(tokenOf),
    max_tokens: metadata.maxTokens,
    model_type: metadata.modelType,
    sampler: readable(metadata.sampler),
    prompt_templates: metadata.promptTemplates,
    jinja_template: metadata.jinjaTemplate,
    channels: metadata.channels,
  }
}

/** One id as a number; several, or a text, as they are. */
function tokenOf(token: MetadataToken | undefined): number | readonly number[] | string | undefined {
  if (token === undefined) return undefined
  if ('text' in token) return token.text
  return token.ids.length === 1 ? token.ids[0] : token.ids
}

function overviewOf(bundle: Bundle, label: string, size: number) {
  const { container, metadata, tokenizer, tflite } = bundle
  const constants = constantsOf(tflite)
  const types = new Map<string, { tensors: number; parameters: number; bytes: number }>()
  for (const { type, shape, byteLength } of constants) {
    const sum = types.get(type) ?? { tensors: 0, parameters: 0, bytes: 0 }
    types.set(type, { tensors: sum.tensors + 1, parameters: sum.parameters + elementCount(shape), bytes: sum.bytes + byteLength })
  }
  const { major, minor, patch } = container.version
  return {
    name: label,
    container: 'litertlm',
    version: `${major}.${minor}.${patch}`,
    size,
    sections: container.sections.map(({ type, items, offset, size: bytes }) => ({
      type,
      offset,
      size: bytes,
      items: Object.fromEntries([...items].map(([key, value]) => [key, typeof value === 'bigint' ? String(value) : value])),
    })),
    signatures: tflite.signatures.map(({ key }) => key),
    ...graphShape(tflite),
    types: [...types].map(([type, sum]) => ({ type, ...sum })).toSorted((a, b) => b.bytes - a.bytes),
    tokenizer: tokenizer.kind === 'huggingface' ? 'tokenizer.json' : 'SentencePiece',
    modelType: metadata.modelType,
    startToken: tokenOf(metadata.startToken),
    stopTokens: metadata.stopTokens.map(tokenOf),
    maxTokens: metadata.maxTokens,
    sampler: readable(metadata.sampler),
    chatTemplate: metadata.jinjaTemplate !== undefined,
  }
}

function overviewText(overview: ReturnType<typeof overviewOf>): string {
  const { sampler } = overview
  const facts: string[][] = [
    ['model', overview.name],
    ['container', `litertlm ${overview.version}, ${formatBytes(overview.size)}`],
    ['model type', overview.modelType ?? 'none'],
    ['layers', String(overview.layers)],
    ['vocabulary', String(overview.vocabularySize ?? 'unknown')],
    ['cache length', String(overview.cacheLength ?? 'unknown')],
    ['signatures', overview.signatures.join(', ')],
    ['tokenizer', overview.tokenizer],
    ['start token', String(overview.startToken ?? 'none')],
    ['stop tokens', overview.stopTokens.join(', ')],
    ['most tokens', String(overview.maxTokens)],
    [
      'sampler',
      sampler === undefined
        ? 'none'
        : `${sampler.type}, temperature ${sampler.temperature}, top-p ${sampler.p}, top-k ${sampler.k}${sampler.seed === undefined ? '' : `, seed ${sampler.seed}`}`,
    ],
    ['chat template', overview.chatTemplate ? 'yes (show it with --template)' : 'none'],
  ]
  const sections = overview.sections.map(({ type, offset, size, items }) => [
    type,
    String(offset),
    formatBytes(size),
    Object.entries(items)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  ])
  const types = overview.types.map(({ type, tensors, parameters, bytes }) => [
    type,
    String(tensors),
    formatCount(parameters),
    formatBytes(bytes),
  ])
  return printable(
    [
      formatTable(facts),
      formatTable([['section', 'offset', 'size', ''], ...sections], new Set([1, 2])),
      formatTable([['type', 'tensors', 'numbers', 'size'], ...types], new Set([1, 2, 3])),
    ].join('\n\n'),
  )
}

/** Numbers that were stored as float32, as they were written before: 0.95, not 0.949999988079071. */
function readable(sampler: SamplerParameters | undefined): SamplerParameters | undefined {
  const short = (value: number): number => Number(value.toPrecision(6))
  return sampler === undefined ? undefined : { ...sampler, p: short(sampler.p), temperature: short(sampler.temperature) }
}

function tensorsText(constants: ReturnType<typeof constantsOf>): string {
  const rows = constants.map(({ name, type, shape, byteLength }) => [name, type, `[${shape.join(', ')}]`, formatBytes(byteLength)])
  return printable(formatTable([['tensor', 'type', 'shape', 'size'], ...rows], new Set([3])))
}
