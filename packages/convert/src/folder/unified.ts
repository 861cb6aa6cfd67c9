// The unified folder of any model: config.json that says everything of the model in one place, weights in canonical names and layout, tokenizer.json.
// Reading one is `../sources/unified.ts`; places and bytes are `../plan/plan-folder.ts`'s.
import type { Json } from '@fs/core'
import { UNIFIED_FORMAT } from '@fs/formats/checkpoint'
import type { OpenedModel } from '../open-model.ts'
import { type FolderPlaces, type FolderPlan, mainDtype, planFolder, weightsFile } from '../plan/plan-folder.ts'
import { chatTemplatesOf } from './chat-templates.ts'
import { withContextLength } from './context-length.ts'
import { generationSettings } from './generation-settings.ts'
import { jsonFile } from './json-file.ts'
import { messageFormatOf } from './message-format.ts'
import { modelCardFiles } from './model-card-files.ts'
import { tokenizerFolder } from './tokenizer-files.ts'
import { FORMAT_VERSION, type UnifiedConfig } from './unified-schema.ts'

export type UnifiedRequest = FolderPlaces & {
  /** What the model is called; the checkpoint's name without it. */
  readonly name?: string
  /** Tokens a prompt and its answer may have; the model's own length without it. */
  readonly contextLength?: number
}

/** @throws FsError when the tokenizer cannot be written, or the context is longer than the model's positions */
export async function planUnified(opened: OpenedModel, request: UnifiedRequest): Promise<FolderPlan> {
  const { description, contextLength, notices } = withContextLength(opened.description, request.contextLength)
  const model = { ...opened, description }
  const { files: tokenizerFiles, tokenizer, special, notices: tokenizerNotices } = await tokenizerFolder(model)
  const config: UnifiedConfig = {
    format: UNIFIED_FORMAT,
    format_version: FORMAT_VERSION,
    model_name: request.name ?? model.checkpoint.name,
    architecture: description.architecture.id,
    parameters: description.config,
    [description.spec.kind]: description.spec,
    context_length: contextLength,
    weights: { file: weightsFile(model, 'canonical', request), precision: mainDtype(model, request.precision) },
    tokenizer: {
      file: 'tokenizer.json',
      vocabulary_size: tokenizer.vocabularySize,
      special_tokens: special,
      add_bos: tokenizer.addBos,
      add_eos: tokenizer.addEos,
    },
    message_format: messageFormatOf(await chatTemplatesOf(model), tokenizer),
    generation: (await generationSettings(model, special)) ?? null,
  }
  const files = new Map([...tokenizerFiles, ...(await modelCardFiles(model)), ['config.json', jsonFile(config as Json)] as const])
  return planFolder(model, { ...request, form: 'canonical', files, notices: [...notices, ...tokenizerNotices] })
}
