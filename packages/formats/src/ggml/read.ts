// Opens a file of before GGUF: container, hyperparameters, vocabulary, tensors. Such files do not name their model, so every family's fields are
// tried, and the one whose vocabulary and tensors end exactly with the file is it.
import { type ByteSource, FsError, type MetadataValue, type TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { HeaderCursor } from '../header-cursor.ts'
import { decodeText, encodeText } from '../lossless-text.ts'
import { ADAPTER_MAGIC, blockGeneration, GGML_CONTAINERS, type GgmlContainerId } from './containers.ts'
import { GGML_MODEL_IDS, GGML_MODELS, type GgmlModelId } from './models.ts'
import { type FoundTensors, readTensors } from './tensors.ts'
import { readVocabulary, type Vocabulary } from './vocabulary.ts'

export type GgmlFile = {
  readonly container: GgmlContainerId
  /** 0 for `ggml`, which has none. */
  readonly version: number
  readonly model: GgmlModelId
  /** As stored, `ftype` included. */
  readonly hyperparameters: ReadonlyMap<string, number>
  readonly vocabulary: Vocabulary
  readonly tensors: TensorSource
}

type Start = { readonly container: GgmlContainerId; readonly version: number }
type Parsed = Omit<GgmlFile, 'tensors' | keyof Start> & { readonly tensors: FoundTensors }

/** Most hyperparameters are sizes; a larger one means that the fields are another model's. */
const MAX_HYPERPARAMETER = 2 ** 26

/**
 * Opens `source`; closing the tensor source closes it.
 * @param model the family, when it is known; found otherwise
 * @throws FsError with a `ggml/` code
 */
export async function readGgml(source: ByteSource, model?: GgmlModelId): Promise<GgmlFile> {
  const start = await readStart(source)
  const parsed = await parseAsAny(source, start, model === undefined ? GGML_MODEL_IDS : [model])
  const tensors = new Map([...parsed.tensors].map(([name, tensor]) => [name, { ...tensor, file: 0 }]))
  return { ...start, ...parsed, tensors: { files: [source], tensors, close: () => source.close() } }
}

async function readStart(source: ByteSource): Promise<Start> {
  const file = source.name
  const head = await source.read(0, Math.min(8, source.size))
  if (head.length < 8) throw fail('ggml/not-ggml', `${file} has ${head.length} bytes and is no ggml file`, { file })
  const view = new DataView(head.buffer, head.byteOffset, 8)
  const magic = view.getUint32(0, true)
  if (magic === ADAPTER_MAGIC)
    throw fail('ggml/adapter', `${file} is a LoRA adapter of 2023, not a model; use the adapter's Hugging Face files`, { file })
  const container = (Object.keys(GGML_CONTAINERS) as GgmlContainerId[]).find((id) => GGML_CONTAINERS[id].magic === magic)
  if (container === undefined)
    throw fail('ggml/not-ggml', `${file} starts like none of ${Object.keys(GGML_CONTAINERS).join(', ')}`, { file, magic })
  const { versions } = GGML_CONTAINERS[container]
  if (versions === 'none') return { container, version: 0 }
  const version = view.getUint32(4, true)
  if ((versions as readonly number[]).includes(version)) return { container, version }
  throw fail('ggml/version', `${file} is ${container} version ${version}; there are ${versions.join(', ')}`, { file, version })
}

/**
 * The first family that fits and has its tensors; a family that fits a file without tensors. Where none does, the error of the family whose
 * tensors were found, else of the one that got furthest.
 */
async function parseAsAny(source: ByteSource, start: Start, models: readonly GgmlModelId[]): Promise<Parsed> {
  const fitting: Parsed[] = []
  let furthest: { readonly error: FsError; readonly offset: number } | undefined
  for (const model of models) {
    const cursor = new HeaderCursor(source, { truncated: 'ggml/truncated', limit: 'ggml/limit' })
    const tensors: FoundTensors = new Map()
    const isKnown = (name: unknown) => typeof name === 'string' && GGML_MODELS[model].knownBy.test(name)
    try {
      const parsed = await parseAs(cursor, source, start, model, tensors)
      if ([...tensors.keys()].some(isKnown)) return parsed
      fitting.push(parsed)
    } catch (error) {
      if (!FsError.is(error) || isKnown(error.details.tensor) || [...tensors.keys()].some(isKnown)) throw error
      const offset = typeof error.details.offset === 'number' ? error.details.offset : cursor.offset
      if (furthest === undefined || offset > furthest.offset) furthest = { error, offset }
    }
  }
  const vocabularyOnly = fitting.find(({ tensors }) => tensors.size === 0)
  if (vocabularyOnly !== undefined) return vocabularyOnly
  if (fitting.length > 0) {
    throw fail('ggml/unknown-model', `${source.name} has tensors of no known model (${models.join(', ')})`, { file: source.name })
  }
  throw furthest!.error
}

async function parseAs(cursor: HeaderCursor, source: ByteSource, start: Start, model: GgmlModelId, tensors: FoundTensors): Promise<Parsed> {
  const { fields, vocabularySize, countBeforeVocabulary } = GGML_MODELS[model]
  const { scores, alignment } = GGML_CONTAINERS[start.container]
  const startBytes = start.version === 0 ? 4 : 8
  await cursor.fill(startBytes + fields.length * 4, 'its hyperparameters')
  cursor.take(startBytes)
  const hyperparameters = new Map(fields.map(({ name, type }) => [name, type === 'i32' ? cursor.i32() : cursor.f32()]))
  for (const { name, type } of fields) {
    const value = hyperparameters.get(name)!
    if (type === 'i32' ? value >= 0 && value <= MAX_HYPERPARAMETER : Number.isFinite(value)) continue
    throw fail('ggml/unknown-model', `${source.name}: ${name} would be ${value}; it is no ${model} model`, {
      file: source.name,
      offset: cursor.offset,
    })
  }
  const count = hyperparameters.get(vocabularySize)!
  const vocabulary = await readVocabulary(cursor, count, countBeforeVocabulary, scores)
  const generation = blockGeneration(start.container, start.version, hyperparameters.get('ftype')!)
  await readTensors(source, cursor.offset, alignment, generation, tensors)
  return { model, hyperparameters, vocabulary, tensors }
}

/** What a `GgmlFile` says about itself, as checkpoint metadata: `ggml.container`, `ggml.hyperparameters.n_embd`, `ggml.vocabulary` and so on. */
export function ggmlMetadata(file: Omit<GgmlFile, 'tensors'>): ReadonlyMap<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>([
    ['ggml.container', { type: 'STRING', value: file.container }],
    ['ggml.version', { type: 'INT32', value: file.version }],
    ['ggml.model', { type: 'STRING', value: file.model }],
  ])
  const types = new Map<string, 'i32' | 'f32'>(GGML_MODELS[file.model].fields.map(({ name, type }) => [name, type]))
  for (const [name, value] of file.hyperparameters) {
    metadata.set(`ggml.hyperparameters.${name}`, { type: types.get(name) === 'f32' ? 'FLOAT32' : 'INT32', value })
  }
  for (const [key, value] of vocabularyMetadata(file.vocabulary)) metadata.set(key, value)
  return metadata
}

/** `ggml.vocabulary` and, where there are scores, `ggml.vocabulary.scores`. Bytes that are not UTF-8 are kept as in `lossless-text.ts`. */
export function vocabularyMetadata({ tokens, scores }: Vocabulary): ReadonlyMap<string, MetadataValue> {
  const metadata = new Map<string, MetadataValue>([['ggml.vocabulary', { type: 'ARRAY', of: 'STRING', value: tokens.map(decodeText) }]])
  return scores === undefined ? metadata : metadata.set('ggml.vocabulary.scores', { type: 'ARRAY', of: 'FLOAT32', value: scores })
}

/** What `vocabularyMetadata` wrote, byte for byte; undefined for metadata without a vocabulary. */
export function vocabularyFromMetadata(metadata: ReadonlyMap<string, MetadataValue>): Vocabulary | undefined {
  const [tokens, scores] = [metadata.get('ggml.vocabulary'), metadata.get('ggml.vocabulary.scores')]
  if (tokens?.type !== 'ARRAY' || tokens.of !== 'STRING') return undefined
  const vocabulary = { tokens: tokens.value.map(encodeText) }
  return scores?.type === 'ARRAY' && scores.of === 'FLOAT32' ? { ...vocabulary, scores: Float32Array.from(scores.value) } : vocabulary
}
