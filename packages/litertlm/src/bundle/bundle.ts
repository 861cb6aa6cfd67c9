// A `.litertlm` bundle opened: container, metadata, tokenizer and what the graph says of itself, each strict, and held against one another.
// Weights are not read, and what the tokenizer says is for others to read.
import { type ByteSource, FsError } from '@fs/core'
import type { Container, ContainerSection } from '../container/container.ts'
import { type OnProblem, readContainer } from '../container/read.ts'
import type { SectionType } from '../container/section-types.ts'
import { litertlmError } from '../errors.ts'
import type { LlmMetadata } from '../metadata/metadata.ts'
import { MOST_METADATA_BYTES, readMetadata } from '../metadata/read.ts'
import { readTflite } from '../tflite/read.ts'
import type { StoredTflite } from '../tflite/stored.ts'
import { unpackTokenizerJson } from '../tokenizer/section.ts'
import { contradictions } from './contradictions.ts'
import { sectionSource } from './section-source.ts'

export type Bundle = {
  readonly container: Container
  readonly metadata: LlmMetadata
  readonly tokenizer: BundleTokenizer
  /** The graph that takes tokens; other models of a bundle are not read. */
  readonly tflite: StoredTflite
}

export type BundleTokenizer =
  | { readonly kind: 'huggingface'; readonly json: Uint8Array }
  | { readonly kind: 'sentencepiece'; readonly model: Uint8Array }

/** The model type of the graph that takes tokens and gives logits; one without says the same (`runtime/util/litert_lm_loader.cc`). */
const PREFILL_DECODE = 'tf_lite_prefill_decode'

/** Longest tokenizer section taken. The largest known has some 10 MB. */
const MOST_TOKENIZER_BYTES = 256 * 1024 * 1024

/**
 * @throws FsError what `readContainer`, `readMetadata` and `readTflite` throw; `litertlm/sections` where a section is missing or there twice,
 * `litertlm/contradiction` where sections do not fit one another
 */
export async function readBundle(source: ByteSource): Promise<Bundle> {
  const { file, container } = { file: source.name, container: await readContainer(source) }
  const bundle: Bundle = {
    container,
    metadata: await metadataOf(source, only(container, ['llm-metadata'], 'metadata', file)),
    tokenizer: await tokenizerOf(source, only(container, ['huggingface-tokenizer', 'sentencepiece-tokenizer'], 'tokenizer', file)),
    tflite: await readTflite(sectionSource(source, only(container, ['tflite-model'], 'model that takes tokens', file))),
  }
  const [first] = contradictions(bundle, file)
  if (first !== undefined) throw first
  return bundle
}

/** Every reason why a bundle cannot be used, as far as what is damaged lets itself be read. */
export async function bundleProblems(source: ByteSource): Promise<readonly FsError[]> {
  const problems: FsError[] = []
  const note: OnProblem = (problem) => problems.push(problem)
  const attempt = async <Result>(read: () => Result | Promise<Result>): Promise<Result | undefined> => {
    try {
      return await read()
    } catch (error) {
      if (!FsError.is(error)) throw error
      note(error)
      return undefined
    }
  }
  const file = source.name
  const container = await attempt(() => readContainer(source, note))
  if (container === undefined) return problems
  // A section that is damaged is missed below; that it is damaged was said.
  const damaged = problems.length > 0
  const isNews = ({ code }: FsError) => !(damaged && code === 'litertlm/sections')
  const metadata = await attempt(() => metadataOf(source, only(container, ['llm-metadata'], 'metadata', file)))
  const kinds = ['huggingface-tokenizer', 'sentencepiece-tokenizer'] as const
  const tokenizer = await attempt(() => tokenizerOf(source, only(container, kinds, 'tokenizer', file)))
  const tflite = await attempt(() => readTflite(sectionSource(source, only(container, ['tflite-model'], 'model that takes tokens', file))))
  if (metadata === undefined || tokenizer === undefined || tflite === undefined) return problems.filter(isNews)
  return [...problems, ...contradictions({ container, metadata, tokenizer, tflite }, file)]
}

function only({ sections }: Container, types: readonly SectionType[], what: string, file: string): ContainerSection {
  const found = sections.filter(({ type, items }) => types.includes(type) && (type !== 'tflite-model' || takesTokens(items)))
  if (found.length === 1) return found[0]!
  throw litertlmError(
    'litertlm/sections',
    `${file} has ${found.length === 0 ? 'no' : found.length} ${what}${found.length > 1 ? 's' : ''}; it needs one`,
    {
      file,
      what,
      found: found.length,
    },
  )
}

function takesTokens(items: ContainerSection['items']): boolean {
  const type = items.get('model_type')
  return type === undefined || String(type).toLowerCase() === PREFILL_DECODE
}

async function metadataOf(source: ByteSource, section: ContainerSection): Promise<LlmMetadata> {
  const bytes = await wholeSection(source, section, MOST_METADATA_BYTES)
  return readMetadata(bytes, source.name)
}

async function tokenizerOf(source: ByteSource, section: ContainerSection): Promise<BundleTokenizer> {
  const bytes = await wholeSection(source, section, MOST_TOKENIZER_BYTES)
  if (section.type === 'sentencepiece-tokenizer') return { kind: 'sentencepiece', model: bytes }
  return { kind: 'huggingface', json: await unpackTokenizerJson(bytes, source.name) }
}

async function wholeSection(source: ByteSource, { type, offset, size }: ContainerSection, most: number): Promise<Uint8Array> {
  if (size > most) {
    throw litertlmError('litertlm/section-size', `${source.name}: its ${type} section has ${size} bytes; at most ${most} are read`, {
      file: source.name,
      size,
    })
  }
  return source.read(offset, size)
}
