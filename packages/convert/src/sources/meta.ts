// Meta's release of Llama: `consolidated.00.pth` with `params.json`, and the training checkpoints of llama2.c, which have the same form.
// Its tokenizer.model is SentencePiece's up to Llama 2 and tiktoken's from Llama 3 on.
import type { Checkpoint, Folder } from '@fs/core'
import { DIALECTS } from '@fs/registry'
import { isTiktokenModel, jsonFromTiktoken, llama3SpecialTokens } from '@fs/tokenizer/tiktoken'
import { readBytes } from '../read-text.ts'
import type { SourceTensor } from '../source-tensor.ts'
import { executorchTensors } from './executorch.ts'
import type { SourceReader } from './model-source.ts'
import { overlayFolder } from './overlay-folder.ts'
import { settingsUnder, translate, viewOf } from './translate.ts'

/** Where hyperparameters stand: params.json (nested in early Mistral-like releases), or beside the weights in llama2.c's own .pt. */
const PREFIXES = ['params.', 'params.model.', 'model_args.'] as const

export const readMeta: SourceReader = async (checkpoint) => {
  const prefix = PREFIXES.find((candidate) => checkpoint.metadata?.has(`${candidate}dim`))
  if (prefix === undefined || checkpoint.config !== undefined) return undefined
  const settings = settingsUnder(checkpoint.metadata, prefix)
  const tensors = withoutSharedHead(executorchTensors(checkpoint, settings) ?? checkpoint.tensors.tensors)
  const where = prefix === 'model_args.' ? `${checkpoint.name}, model_args` : 'params.json'
  const source = translate(DIALECTS.meta, viewOf(settings, tensors, where), checkpoint, tensors)
  const folder = await withTokenizerJson(checkpoint.folder)
  return { ...source, checkpoint: { ...source.checkpoint, folder } }
}

/** A head that is the embedding's storage again says that the two are one; Hugging Face's form then has no head. */
function withoutSharedHead(tensors: ReadonlyMap<string, SourceTensor>): ReadonlyMap<string, SourceTensor> {
  const [head, embedding] = [tensors.get('output.weight'), tensors.get('tok_embeddings.weight')]
  if (head === undefined || embedding === undefined || !isSameStorage(head, embedding)) return tensors
  return new Map([...tensors].filter(([name]) => name !== 'output.weight'))
}

function isSameStorage(left: SourceTensor, right: SourceTensor): boolean {
  if (!('file' in left) || !('file' in right)) return false
  return left.file === right.file && left.offset === right.offset && left.byteLength === right.byteLength
}

/** Replaces tiktoken's file by the tokenizer.json and tokenizer_config.json that say the same. */
async function withTokenizerJson(folder: Folder): Promise<Folder> {
  const model = folder.files.has('tokenizer.json') ? undefined : await readBytes(folder, 'tokenizer.model')
  if (model === undefined || !isTiktokenModel(model)) return folder
  const encoder = new TextEncoder()
  const files = new Map([
    ['tokenizer.json', encoder.encode(jsonFromTiktoken(model, llama3SpecialTokens()))],
    ['tokenizer_config.json', encoder.encode(JSON.stringify(tokenizerConfig(folder.name)))],
  ])
  return overlayFolder(folder, files, ['tokenizer.model'])
}

/** Models made to chat end a turn with `<|eot_id|>`; Meta's files do not say which models these are, so their name has to. */
function tokenizerConfig(name: string) {
  return {
    bos_token: '<|begin_of_text|>',
    eos_token: /instruct|chat/i.test(name) ? '<|eot_id|>' : '<|end_of_text|>',
    tokenizer_class: 'PreTrainedTokenizerFast',
  }
}

/** Whether tensors have Meta's names, for telling people what is missing. */
export function looksLikeMeta({ tensors }: Checkpoint['tensors']): boolean {
  return tensors.has('tok_embeddings.weight') && tensors.has('layers.0.attention.wq.weight')
}
