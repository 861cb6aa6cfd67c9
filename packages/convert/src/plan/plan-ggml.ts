// Plans a model as files of before GGUF (ggml and ggjt), as llm-rs's converters and quantizer wrote them, for programs that read nothing newer.
// The families and their integers are in `../ggml/families.ts`; names and layouts are read out of the dialects that read such files.
import { type DecoderSpec, huggingFaceView, type Notice } from '@fs/arch'
import { type DialectReading, type DialectRow, dialectView } from '@fs/arch/dialect'
import { layoutGgml } from '@fs/formats/ggml'
import { DIALECTS, type DialectId } from '@fs/registry'
import { convertError } from '../errors.ts'
import { tokenizerFolder } from '../folder/tokenizer-files.ts'
import { type GgmlFamily, ggmlFamilyOf } from '../ggml/families.ts'
import { ggmlNotices } from '../ggml/notices.ts'
import { ftypeOf, type GgmlFileType, ggmlFileType, isQuantized } from '../ggml/types.ts'
import { scoredVocabulary, tokenBytes } from '../ggml/vocabulary.ts'
import type { OpenedModel } from '../open-model.ts'
import { readVocabulary } from '../vocabulary.ts'
import { assemblePlan, type Placement } from './assemble-plan.ts'
import type { ConversionPlan, PlanOutput } from './conversion-plan.ts'
import type { PlannedOutput } from './plan-gguf.ts'
import { type ResultTensor, resultTensorsAs } from './result-tensors.ts'

export type GgmlRequest = {
  /** One for each output: f32, f16, q4_0, q4_1, q5_0, q5_1, q8_0 in any case; `auto` is f16. */
  readonly quants: readonly string[]
  /** Final path for the end of a file's name: `f16`, `q4_0-ggjt`. */
  readonly pathFor: (suffix: string) => string
}

/** What the `.meta` file beside an output says; its digest is taken when the output is there. */
export type GgmlMeta = {
  readonly model: string
  readonly quantization: string
  readonly quantizationVersion: 'Not_Quantized' | 'V2'
  readonly container: 'GGML' | 'GGJT'
}

export type GgmlPlan = {
  readonly plan: ConversionPlan
  readonly outputs: readonly (PlannedOutput & { readonly meta: GgmlMeta })[]
  readonly notices: readonly Notice[]
}

/** @throws FsError `convert/ggml-family`, `convert/ggml-vocabulary`, `convert/unknown-type`, and what the layout refuses */
export async function planGgml(model: OpenedModel, request: GgmlRequest): Promise<GgmlPlan> {
  const { spec, architecture } = model.description
  const family = ggmlFamilyOf(architecture)
  if (spec.kind !== 'decoder') throw new TypeError(`${architecture.id} is no decoder`)
  const types = request.quants.map(ggmlFileType)
  const reading = readBack(model, family, spec)
  const tensors = tensorsOf(model, family, reading)
  const vocabulary = await vocabularyOf(model, family, spec)
  const outputs: PlanOutput[] = []
  const placements: Placement[] = []
  const planned: (PlannedOutput & { readonly meta: GgmlMeta })[] = []
  const notices: Notice[] = [...told(model), ...vocabulary.notices, ...lost(model, spec, reading)]
  for (const file of types) {
    const container = isQuantized(file) ? 'ggjt' : family.container
    const typed = tensors.map((tensor) => ({ tensor, type: typeOf(tensor, family, file) }))
    const layout = layoutGgml({
      container: container === 'ggml' ? { kind: 'ggml' } : { kind: 'ggjt', version: isQuantized(file) ? 3 : 1 },
      model: family.model,
      hyperparameters: new Map([...Object.entries(family.hyperparameters(spec)), ['ftype', ftypeOf(file)]]),
      vocabulary: vocabulary.tokens,
      tensors: typed.map(({ tensor, type }) => ({ name: tensor.name, shape: tensor.shape, type })),
    })
    for (const [index, { tensor, type }] of typed.entries()) {
      const { offset, byteLength } = layout.tensors[index]!
      placements.push({ tensor, target: { output: outputs.length, type, offset, byteLength } })
    }
    const path = request.pathFor(`${file.type.toLowerCase()}${isQuantized(file) ? '-ggjt' : ''}`)
    outputs.push({ path, size: layout.size, literals: layout.pieces })
    planned.push({ type: file.type, paths: [path], size: layout.size, meta: metaOf(family, file, container) })
    notices.push(...substituted(typed, family, file))
  }
  return { plan: assemblePlan({ source: model.checkpoint.tensors, outputs, placements }), outputs: planned, notices }
}

/** Names, layouts and configuration as the reader of such files has them, from the settings and shapes that are about to be written. */
function readBack(model: OpenedModel, family: GgmlFamily, spec: DecoderSpec): DialectReading {
  const dialect = DIALECTS[`ggml-${family.model}` satisfies DialectId]
  const settings = new Map(Object.entries(family.hyperparameters(spec)))
  const readWith = (rows: readonly DialectRow[]) => {
    const shapes = tensorsOf(model, family, { rows }).map(({ name, shape }) => [name, shape] as const)
    return dialect.read(dialectView(settings, new Map(shapes), 'the file'))
  }
  // Some rows depend on shapes, which go by the rows' names: the second reading has them.
  return readWith(readWith([]).rows)
}

function tensorsOf(model: OpenedModel, family: GgmlFamily, { rows }: Pick<DialectReading, 'rows'>): readonly ResultTensor[] {
  const places = new Map(model.description.weights.map(({ canonical }, index) => [canonical[0]!, placeOf(canonical[0]!, index, family)]))
  const canonicalNames = new Map<string, string>()
  const tensors = resultTensorsAs(model, (row) => {
    const [huggingFace] = row.huggingFace.names
    const stored = storedForm(huggingFace!, rows)
    canonicalNames.set(stored.name, row.canonical[0]!)
    return { names: [stored.name], store: [...row.huggingFace.store, ...stored.store] }
  })
  const ordered = tensors.toSorted((left, right) => {
    const [a, b] = [places.get(canonicalNames.get(left.name)!)!, places.get(canonicalNames.get(right.name)!)!]
    return a.reduce((order, part, index) => order || part - b[index]!, 0)
  })
  const { head } = family
  if (head === undefined || ordered.some(({ name }) => name === head)) return ordered
  const embedding = ordered.find(({ name }) => canonicalNames.get(name) === 'embedding.tokens.weight')!
  return [...ordered, { ...embedding, name: head }]
}

/** Where a weight stands: before, in or after the layers; then its layer; then its part. Weights come before their biases. */
function placeOf(canonical: string, index: number, family: GgmlFamily): readonly [number, number, number] {
  const [, layer, part, suffix] = /^layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(canonical) ?? []
  if (layer === undefined) return [canonical.startsWith('embedding.') ? 0 : 2, canonical.startsWith('output.') ? 1 : 0, index]
  const known = family.layerOrder?.indexOf(part!) ?? -1
  return [1, Number(layer), known < 0 ? index : known * 2 + (suffix === 'bias' ? 1 : 0)]
}

/** The row for a name of Hugging Face's, the other way round than a reader goes. A name without a row stays what it is. */
function storedForm(huggingFace: string, rows: readonly DialectRow[]): { readonly name: string; readonly store: DialectRow['store'] } {
  for (const { stored, huggingFace: pattern, store } of rows) {
    const [before, after] = pattern.split('{i}')
    if (after === undefined) {
      if (pattern === huggingFace) return { name: stored, store }
      continue
    }
    const layer = huggingFace.startsWith(before!) && huggingFace.endsWith(after) ? huggingFace.slice(before!.length, -after.length) : ''
    if (/^\d+$/.test(layer)) return { name: stored.replace('{i}', layer), store }
  }
  return { name: huggingFace, store: [] }
}

function typeOf({ name, shape }: ResultTensor, family: GgmlFamily, file: GgmlFileType): GgmlFileType['type'] {
  if (shape.length !== 2 || !family.shrinks(name)) return 'F32'
  return shape[1]! % file.rowMultiple === 0 ? file.type : 'F16'
}

function substituted(
  tensors: readonly { readonly tensor: ResultTensor; readonly type: string }[],
  family: GgmlFamily,
  file: GgmlFileType,
): readonly Notice[] {
  const others = tensors.filter(({ tensor, type }) => family.shrinks(tensor.name) && tensor.shape.length === 2 && type !== file.type)
  if (others.length === 0) return []
  const more = others.length > 1 ? ` and ${others.length - 1} more` : ''
  const message = `${others[0]!.tensor.name}${more}: rows are no multiple of ${file.rowMultiple}, so F16 is written instead of ${file.type}`
  return [{ code: 'convert/type-substituted', message }]
}

async function vocabularyOf(model: OpenedModel, family: GgmlFamily, spec: DecoderSpec) {
  if (family.model === 'llama') {
    // What there is to say of the way into a GGUF does not matter here: tokens and scores are all that is taken.
    const { entries } = await readVocabulary(model, undefined)
    return { tokens: scoredVocabulary(new Map(entries)), notices: [] }
  }
  const { tokenizer, notices } = await tokenizerFolder(model)
  return { tokens: tokenBytes(tokenizer, spec.vocabularySize), notices }
}

/** What GGUF cannot say is said again in the words for this container. */
const told = (model: OpenedModel): readonly Notice[] => model.notices.filter(({ code }) => !code.startsWith('gguf/'))

function lost(model: OpenedModel, spec: DecoderSpec, { config }: DialectReading): readonly Notice[] {
  const { architecture } = model.description
  const shapes = new Map(resultTensorsAs(model, (row) => row.huggingFace).map(({ name, shape }) => [name, shape]))
  const read = architecture.fromHuggingFace(huggingFaceView(config, shapes)).spec
  if (read.kind !== 'decoder' || read.layers.length !== spec.layers.length) {
    throw convertError('convert/ggml-family', `a ggml file cannot describe this ${architecture.title}`, { architecture: architecture.id })
  }
  return ggmlNotices(spec, read)
}

function metaOf(family: GgmlFamily, file: GgmlFileType, container: 'ggml' | 'ggjt'): GgmlMeta {
  return {
    model: family.knownModel,
    quantization: file.type,
    quantizationVersion: isQuantized(file) ? 'V2' : 'Not_Quantized',
    container: container === 'ggml' ? 'GGML' : 'GGJT',
  }
}
