// A model ready to write: language model, tokenizer, chat template and the settings its makers recommend, from whatever was resolved.
// Which library computes is chosen in `engines.ts`.

import { answerEnd, type ChatTemplate, compileTemplate, renderSegments } from '@fs/chat-format'
import { chooseTemplate, findTemplatesInFolder, findTemplatesInMetadata } from '@fs/chat-format/find'
import { openModel } from '@fs/convert'
import type { Checkpoint, JsonObject, LanguageModel, Segment } from '@fs/core'
import type { DecodingConfig } from '@fs/decode'
import { settingsFromGenerationConfig, settingsFromMetadata, stopTokens } from '@fs/decode/settings'
import { readJsonObject } from '@fs/formats/json'
import { openTokenizer, readTokenizerFiles, type Tokenizer } from '@fs/tokenizer'
import { tokenizerFromGguf } from '@fs/tokenizer/gguf'
import type { ChatMessage } from '../chat/message.ts'
import { cliError } from '../errors.ts'
import { type EngineOptions, openEngine } from './engines.ts'
import { isExported, openExportedLanguage } from './exported-model.ts'

export type TextModel = {
  readonly language: LanguageModel
  readonly tokenizer: Tokenizer
  readonly hasTemplate: boolean
  /** The model's own decoding settings, stop tokens included. */
  readonly settings: DecodingConfig
  /** The prompt of a chat, ready for the assistant's answer. @throws FsError when the model has no template or it refuses */
  renderChat(messages: readonly ChatMessage[]): readonly Segment[]
  close(): Promise<void>
}

/** @throws FsError when the model cannot be opened, has no tokenizer, or is no language model */
export async function openTextModel(checkpoint: Checkpoint, options: EngineOptions): Promise<TextModel> {
  if (isExported(checkpoint)) return openExportedText(checkpoint, options)
  const opened = await openModel(checkpoint)
  if (opened.description.spec.kind !== 'decoder') {
    throw cliError('cli/usage', `${checkpoint.name} is an encoder and writes no text; use fartsovka embed`, { model: checkpoint.name })
  }
  // As the model was understood: a tokenizer may lie in the weights' own file, or be in a form that only its family knows.
  return textModel(opened.checkpoint, () => openEngine(opened, options))
}

async function openExportedText(checkpoint: Checkpoint, options: EngineOptions): Promise<TextModel> {
  if (options.engine !== 'ort')
    throw cliError('cli/usage', `${checkpoint.name} is an ONNX model, which ONNX Runtime runs; leave out --engine ${options.engine}`, {})
  return textModel(checkpoint, () => openExportedLanguage(checkpoint, options))
}

/** @param openLanguage called when everything that is cheap to read was found in order */
async function textModel(checkpoint: Checkpoint, openLanguage: () => Promise<LanguageModel>): Promise<TextModel> {
  const tokenizer = await tokenizerOf(checkpoint)
  const template = await templateOf(checkpoint)
  const settings = await settingsOf(checkpoint, tokenizer, template)
  const language = await openLanguage()
  const specialTokens = specialTokenTexts(tokenizer)
  return {
    language,
    tokenizer,
    hasTemplate: template !== undefined,
    settings,
    renderChat: (messages) => {
      if (template === undefined)
        throw cliError('cli/usage', `${checkpoint.name} has no chat template; use fartsovka run --no-chat`, { model: checkpoint.name })
      return renderSegments(template, { messages: messages.map((message) => ({ ...message })), specialTokens })
    },
    close: () => language.dispose(),
  }
}

/** The tokenizer a checkpoint brings, from its files or its GGUF metadata. */
export async function tokenizerOf(checkpoint: Checkpoint): Promise<Tokenizer> {
  if (checkpoint.metadata?.has('tokenizer.ggml.model')) return tokenizerFromGguf(checkpoint.metadata, checkpoint.name)
  return openTokenizer(await readTokenizerFiles(checkpoint.folder, checkpoint.config))
}

async function templateOf(checkpoint: Checkpoint): Promise<ChatTemplate | undefined> {
  const { metadata, folder } = checkpoint
  const report = metadata?.has('tokenizer.ggml.model') ? findTemplatesInMetadata(metadata) : await findTemplatesInFolder(folder)
  if (!report.templates.has('default')) return undefined
  const { source, place } = chooseTemplate(report)
  return compileTemplate(source, place)
}

async function settingsOf(checkpoint: Checkpoint, tokenizer: Tokenizer, template: ChatTemplate | undefined): Promise<DecodingConfig> {
  const generation = await generationConfigOf(checkpoint)
  const { config } =
    checkpoint.metadata === undefined ? settingsFromGenerationConfig(generation) : settingsFromMetadata(checkpoint.metadata)
  const end = template === undefined ? undefined : answerEnd(template, specialTokenTexts(tokenizer))
  return {
    ...config,
    stopTokens: stopTokens(tokenizer, { configs: [generation, checkpoint.config], special: tokenizer.special, answerEnd: end }),
  }
}

async function generationConfigOf({ folder }: Checkpoint): Promise<JsonObject> {
  return folder.files.has('generation_config.json') ? readJsonObject(folder, 'generation_config.json') : {}
}

function specialTokenTexts(tokenizer: Tokenizer): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(tokenizer.special).flatMap(([role, id]) => {
      const text = id === undefined ? undefined : tokenizer.idToToken(id)
      return text === undefined ? [] : [[`${role}_token`, text]]
    }),
  )
}
