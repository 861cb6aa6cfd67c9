// The small files of an ONNX folder: what transformers.js, onnxruntime-genai and the tokenizers of both read beside the graph.
// What the configurations may say is `@fs/onnx`'s and `../folder`'s business.
import type { DecoderSpec, Notice } from '@fs/arch'
import type { TemplateReport } from '@fs/chat-format/find'
import type { Json, JsonObject } from '@fs/core'
import { genaiConfig, type TransformersJsDtype, transformersJsConfig } from '@fs/onnx'
import { chatTemplateFiles, chatTemplatesOf } from '../folder/chat-templates.ts'
import { generationSettings, SAMPLING_FLOATS, tokenIds } from '../folder/generation-settings.ts'
import { jsonFile } from '../folder/json-file.ts'
import { modelCardFiles } from '../folder/model-card-files.ts'
import { sentenceTransformersFiles } from '../folder/sentence-transformers-files.ts'
import { tokenizerFolder } from '../folder/tokenizer-files.ts'
import type { OpenedModel } from '../open-model.ts'

export type ExportedFiles = {
  /** The model files of the folder; the first is the one that is loaded when nobody names another. */
  readonly models: readonly { readonly dtype: TransformersJsDtype; readonly fileName: string; readonly parts: number }[]
  readonly contextLength: number
  readonly cache: 'in-place' | 'returned'
}

/**
 * Contents by name, config.json last, so that a folder that has it is whole.
 * @throws FsError when the tokenizer cannot be said in files
 */
export async function folderFiles(
  model: OpenedModel,
  exported: ExportedFiles,
): Promise<{ readonly files: ReadonlyMap<string, Uint8Array>; readonly notices: readonly Notice[] }> {
  const { spec, huggingFaceConfig, floatKeys } = model.description
  const { files: tokenizerFiles, special, notices } = await tokenizerFolder(model)
  const templates = await chatTemplatesOf(model)
  const files = new Map([...tokenizerFiles, ...chatTemplateFiles(templates), ...(await modelCardFiles(model))])
  const inTokenizer = withTemplates(files.get('tokenizer_config.json'), templates)
  if (inTokenizer !== undefined) files.set('tokenizer_config.json', inTokenizer)
  const settings = await generationSettings(model, special)
  if (settings !== undefined) files.set('generation_config.json', jsonFile(settings, SAMPLING_FLOATS))
  // Dense layers are in the graph; a list of modules without them would be a lie.
  if (spec.kind === 'encoder' && spec.dense.length === 0)
    for (const [name, bytes] of sentenceTransformersFiles(spec)) files.set(name, bytes)
  const tokens = tokenIds(model, special)
  if (spec.kind === 'decoder')
    files.set('genai_config.json', jsonFile(genaiOf(model, spec, exported, { ...tokens, ...settings }, settings ?? {})))
  const { sentence_transformers: _, ...config } = huggingFaceConfig
  const [first] = exported.models
  const parts = new Map(exported.models.map(({ fileName, parts: count }) => [fileName, count]))
  const dtype = first!.dtype.endsWith('16') ? 'float16' : 'float32'
  const more = {
    dtype,
    torch_dtype: dtype,
    use_cache: spec.kind === 'decoder',
    'transformers.js_config': transformersJsConfig(first!.dtype, parts),
  }
  files.set('config.json', jsonFile({ ...config, ...tokens, ...more }, floatKeys))
  return { files, notices }
}

/** transformers.js 4.3 looks for templates in tokenizer_config.json only. @returns undefined where there is nothing to add */
function withTemplates(bytes: Uint8Array | undefined, { templates }: TemplateReport): Uint8Array | undefined {
  if (templates.size === 0) return undefined
  const text = bytes === undefined ? '{}' : new TextDecoder().decode(bytes)
  const config: unknown = JSON.parse(text)
  if (config === null || typeof config !== 'object' || Array.isArray(config) || 'chat_template' in config) return undefined
  const all = [...templates.values()].map(({ name, source }) => ({ name, template: source }))
  const [first] = all
  const value = JSON.stringify(all.length === 1 && first!.name === 'default' ? first!.template : all)
  // The rest stays as it is written: JSON has numbers that JavaScript would write otherwise.
  const entry = `{\n  "chat_template": ${value}${Object.keys(config).length === 0 ? '\n' : ','}`
  return new TextEncoder().encode(text.replace('{', () => entry))
}

function genaiOf(
  { description }: OpenedModel,
  spec: DecoderSpec,
  { models, contextLength, cache }: ExportedFiles,
  tokens: JsonObject,
  generation: JsonObject,
): JsonObject {
  const [begin, pad] = [tokens.bos_token_id, tokens.pad_token_id].map((id) => (typeof id === 'number' ? id : null))
  return genaiConfig({
    spec,
    type: GENAI_TYPES[description.architecture.id] ?? 'decoder',
    fileName: `onnx/${models[0]!.fileName}`,
    contextLength,
    tokens: { begin: begin!, end: idsOf(tokens.eos_token_id), pad: pad! },
    generation,
    cache,
  })
}

/** Families that onnxruntime-genai has a word for; it runs every other as a plain `decoder` (src/models/model_type.h). */
const GENAI_TYPES: { readonly [architecture: string]: string } = {
  llama: 'llama',
  mistral: 'mistral',
  olmo2: 'olmo',
  gemma: 'gemma',
  gemma2: 'gemma2',
  gemma3: 'gemma3_text',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
  phi2: 'phi',
  phi3: 'phi3',
}

function idsOf(value: Json | undefined): readonly number[] {
  const values = Array.isArray(value) ? value : [value]
  return values.filter((id) => typeof id === 'number')
}
