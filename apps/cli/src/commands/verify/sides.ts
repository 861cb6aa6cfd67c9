// The two sides of a verification: a model that can be run, an ONNX export of one, or the saved logits of one that ran elsewhere. Opening reads headers only;
// `run-side.ts` loads weights.
import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { modelWeights, type OpenedModel, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { type LogitsSet, logitsSetFiles, readLogitsSet, type WeightSource } from '@fs/eval'
import type { Tokenizer } from '@fs/tokenizer'
import { describeExported, exportedContextLength, isExported } from '../../engine/exported-model.ts'
import { tokenizerOf } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
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

/** An ONNX export: it can be run, but what it was made from is not to be seen in it. */
export type ExportedSide = Pick<ModelSide, 'name' | 'tokenizer' | 'measured' | 'width' | 'close'> & {
  readonly kind: 'exported'
  readonly checkpoint: Checkpoint
  /** Tokens it allows. */
  readonly contextLength: number
  /** What most of its weights are stored as. */
  readonly weights: 'float32' | 'float16' | 'blocks'
  readonly folder: undefined
}

export type SavedSide = { readonly kind: 'saved'; readonly name: string; readonly set: LogitsSet; readonly prompt: string | undefined }

export type Side = ModelSide | ExportedSide | SavedSide

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
): Promise<ModelSide | ExportedSide> {
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    if (isExported(checkpoint)) return await openExport(name, checkpoint, options.embeddings === true)
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

async function openExport(name: string, checkpoint: Checkpoint, embeddings: boolean): Promise<ExportedSide> {
  const { outputs, weights } = await describeExported(checkpoint)
  const logits = outputs.find((output) => output.name === 'logits')
  const output = logits ?? outputs.find((other) => other.name === 'last_hidden_state')
  const width = output?.shape.at(-1)
  if (typeof width !== 'number')
    throw cliError('cli/usage', `${name} gives neither logits nor last_hidden_state, so there is nothing to compare`, {})
  if (embeddings && logits !== undefined) throw cliError('cli/usage', `${name} gives logits only; leave out --embeddings`, {})
  const types = new Set(weights.map(({ type }) => type))
  return {
    kind: 'exported',
    name,
    checkpoint,
    contextLength: await exportedContextLength(checkpoint),
    tokenizer: await tokenizerOf(checkpoint),
    measured: logits === undefined ? 'embeddings' : 'logits',
    width,
    weights: [...types].some((type) => /^u?int[248]$/.test(type)) ? 'blocks' : types.has('float16') ? 'float16' : 'float32',
    folder: undefined,
    close: () => checkpoint.close(),
  }
}

export async function closeSide(side: Side): Promise<void> {
  if (side.kind !== 'saved') await side.close()
}

function huggingFaceFolder({ tensors, config }: Checkpoint): string | undefined {
  const [file] = tensors.files
  // A unified folder has a config.json too, and says nothing in it that transformers understands.
  if (typeof config?.model_type !== 'string' || file?.location.kind !== 'file') return undefined
  const folder = dirname(file.location.path)
  return existsSync(`${folder}/config.json`) ? folder : undefined
}
