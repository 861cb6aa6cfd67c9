// The two sides of a verification: a model that can be run, or the saved logits of one that ran elsewhere. Opening reads headers only;
// `run-side.ts` loads weights.
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { modelWeights, type OpenedModel, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { type LogitsSet, logitsSetFiles, readLogitsSet, type WeightSource } from '@fs/eval'
import type { Tokenizer } from '@fs/tokenizer'
import { tokenizerOf } from '../../engine/text-model.ts'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'

/** What is compared: next-token logits, or token vectors after the last norm. */
export type Measured = 'logits' | 'embeddings'

export type ModelSide = {
  readonly kind: 'model'
  readonly name: string
  readonly opened: OpenedModel
  readonly weights: WeightSource
  readonly tokenizer: Tokenizer
  readonly measured: Measured
  /** Numbers in a row. */
  readonly width: number
  /** Where it is a Hugging Face checkpoint on this machine, its folder. */
  readonly folder: string | undefined
  close(): Promise<void>
}

export type SavedSide = { readonly kind: 'saved'; readonly name: string; readonly set: LogitsSet; readonly prompt: string | undefined }

export type Side = ModelSide | SavedSide

/** A `.bin` beside which `-tokens.bin` lies is saved logits. */
export function savedSide(name: string, terminal: Terminal): SavedSide | undefined {
  const path = userPath(terminal, name)
  const files = logitsSetFiles(path)
  if (!path.endsWith('.bin') || !existsSync(path) || !existsSync(files.tokens)) return undefined
  const set = readLogitsSet(name, readFileSync(path), readFileSync(files.tokens))
  const text = existsSync(files.prompt) ? /^prompt: ([\s\S]*?)\nn_tokens: /.exec(readFileSync(files.prompt, 'utf8'))?.[1] : undefined
  return { kind: 'saved', set, prompt: text, name }
}

/** @throws FsError when there is no such model, or it is none we know */
export async function openSide(
  name: string,
  options: ModelOptions & { readonly embeddings?: true },
  terminal: Terminal,
): Promise<ModelSide> {
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    const opened = await openModel(checkpoint)
    const { spec } = opened.description
    const measured: Measured = options.embeddings || spec.kind === 'encoder' ? 'embeddings' : 'logits'
    return {
      kind: 'model',
      name,
      opened,
      weights: modelWeights(opened),
      tokenizer: await tokenizerOf(opened.checkpoint),
      measured,
      width: measured === 'logits' ? spec.vocabularySize : spec.hiddenSize,
      folder: huggingFaceFolder(checkpoint),
      close: () => checkpoint.close(),
    }
  } catch (error) {
    await checkpoint.close()
    throw error
  }
}

export async function closeSide(side: Side): Promise<void> {
  if (side.kind === 'model') await side.close()
}

function huggingFaceFolder({ tensors, config }: Checkpoint): string | undefined {
  const [file] = tensors.files
  if (config === undefined || file?.location.kind !== 'file') return undefined
  const folder = dirname(file.location.path)
  return existsSync(`${folder}/config.json`) ? folder : undefined
}
