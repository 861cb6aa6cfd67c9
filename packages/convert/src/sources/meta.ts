// Meta's release of Llama: `consolidated.00.pth` (and its other parts) with `params.json`, and the training checkpoints of llama2.c, which have the same form.
// Its tokenizer.model is SentencePiece's up to Llama 2 and tiktoken's from Llama 3 on.
import type { Checkpoint } from '@fs/core'
import { DIALECTS } from '@fs/registry'
import { executorchTensors } from './executorch.ts'
import { withLlama3Tokenizer } from './llama3-tokenizer.ts'
import { wholeTensors } from './model-parallel.ts'
import type { SourceReader } from './model-source.ts'
import { withoutSharedHead } from './shared-head.ts'
import { settingsUnder, translate, viewOf } from './translate.ts'

/** Where hyperparameters stand: params.json (nested in early Mistral-like releases), or beside the weights in llama2.c's own .pt. */
const PREFIXES = ['params.', 'params.model.', 'model_args.'] as const

const SHARED = { head: 'output.weight', embedding: 'tok_embeddings.weight' } as const

export const readMeta: SourceReader = async (checkpoint) => {
  const prefix = PREFIXES.find((candidate) => checkpoint.metadata?.has(`${candidate}dim`))
  if (prefix === undefined || checkpoint.config !== undefined) return undefined
  const settings = settingsUnder(checkpoint.metadata, prefix)
  const whole = wholeTensors(checkpoint.tensors.tensors, settings.get('dim'), checkpoint.name)
  const tensors = withoutSharedHead(executorchTensors(checkpoint, settings) ?? whole, SHARED)
  const where = prefix === 'model_args.' ? `${checkpoint.name}, model_args` : 'params.json'
  const source = translate(DIALECTS.meta, viewOf(settings, tensors, where), checkpoint, tensors)
  const { folder, notices } = await withLlama3Tokenizer(checkpoint.folder)
  return { ...source, checkpoint: { ...source.checkpoint, folder }, notices: [...source.notices, ...notices] }
}

/** Whether tensors have Meta's names, for telling people what is missing. */
export function looksLikeMeta({ tensors }: Checkpoint['tensors']): boolean {
  return [...tensors.keys()].some((name) => /(^|\/)layers\.0\.attention\.wq\.weight$/.test(name))
}
