// The two sides of a verification: a model that is run, or the saved logits of one that ran elsewhere.
import { existsSync, readFileSync } from 'node:fs'
import { modelWeights, type OpenedModel, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { type LogitsSet, logitsSetFiles, readLogitsSet, type WeightSource } from '@fs/eval'
import { decoderAsEncoder, openEmbeddingModel } from '@fs/runtime'
import type { Tokenizer } from '@fs/tokenizer'
import { type EngineName, openEngine } from '../../engine/engines.ts'
import { tokenizerOf } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'

/** What is compared: next-token logits, or token vectors after the last norm. */
export type Measured = 'logits' | 'embeddings'

export type ModelSide = {
  readonly kind: 'model'
  readonly opened: OpenedModel
  readonly weights: WeightSource
  readonly tokenizer: Tokenizer
  readonly measured: Measured
  /** Numbers in a row. */
  readonly width: number
  /** Rows of the last `positions` of a text. */
  rows(tokens: readonly number[], positions: number): Promise<Float32Array>
  close(): Promise<void>
}

export type SavedSide = { readonly kind: 'saved'; readonly set: LogitsSet; readonly prompt: string | undefined; readonly name: string }

export type SideOptions = ModelOptions & {
  readonly engine: EngineName
  readonly embeddings?: true
  readonly threads?: number
  readonly contextLength: number
}

/** A `.bin` beside which `-tokens.bin` lies is saved logits. */
export function savedSide(name: string, terminal: Terminal): SavedSide | undefined {
  const path = userPath(terminal, name)
  const files = logitsSetFiles(path)
  if (!path.endsWith('.bin') || !existsSync(path) || !existsSync(files.tokens)) return undefined
  const set = readLogitsSet(name, readFileSync(path), readFileSync(files.tokens))
  const text = existsSync(files.prompt) ? /^prompt: ([\s\S]*?)\nn_tokens: /.exec(readFileSync(files.prompt, 'utf8'))?.[1] : undefined
  return { kind: 'saved', set, prompt: text, name }
}

export async function openSide(name: string, options: SideOptions, terminal: Terminal): Promise<ModelSide> {
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    return await openCheckpointSide(checkpoint, options)
  } catch (error) {
    await checkpoint.close()
    throw error
  }
}

async function openCheckpointSide(checkpoint: Checkpoint, options: SideOptions): Promise<ModelSide> {
  const opened = await openModel(checkpoint)
  const { spec } = opened.description
  const weights = modelWeights(opened)
  const tokenizer = await tokenizerOf(opened.checkpoint)
  const measured: Measured = options.embeddings || spec.kind === 'encoder' ? 'embeddings' : 'logits'
  const common = { kind: 'model', opened, weights, tokenizer, measured } as const
  if (measured === 'logits') {
    const language = await openEngine(opened, { ...options, arithmetic: 'exact' })
    return {
      ...common,
      width: language.vocabularySize,
      rows: async (tokens, positions) => {
        const sequence = language.createSequence()
        try {
          const before = tokens.slice(0, -positions)
          if (before.length > 0) await language.prefill({ sequence, tokens: before }, 'last')
          return await language.prefill({ sequence, tokens: tokens.slice(-positions) }, 'all')
        } finally {
          sequence.dispose()
        }
      },
      close: async () => {
        await language.dispose()
        await checkpoint.close()
      },
    }
  }
  if (options.engine !== 'ort') throw cliError('cli/usage', `--engine ${options.engine} gives no embeddings here; leave it out`, {})
  const { nodeBackend } = await import('@fs/runtime/node')
  const model = await openEmbeddingModel({
    spec: spec.kind === 'encoder' ? { ...spec, pooling: 'none' } : decoderAsEncoder(spec, 'none', false),
    weights,
    backend: nodeBackend(options.threads === undefined ? {} : { threads: options.threads }),
    arithmetic: 'exact',
  })
  return {
    ...common,
    width: spec.hiddenSize,
    rows: async (tokens, positions) => (await model.tokenVectors(tokens)).slice(-positions * spec.hiddenSize),
    close: async () => {
      await model.dispose()
      await checkpoint.close()
    },
  }
}
