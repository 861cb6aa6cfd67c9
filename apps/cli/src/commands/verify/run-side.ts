// A side with its weights loaded: token ids of a text, and what follows each token. One side runs at a time, so a verification needs the
// memory of the larger model and not of both.
import type { LanguageModel } from '@fs/core'
import { decoderAsEncoder, type EmbeddingModel, openEmbeddingModel } from '@fs/runtime'
import { type EngineName, openEngine } from '../../engine/engines.ts'
import { openExportedLanguage, openExportedVectors } from '../../engine/exported-model.ts'
import { localBackend } from '../../engine/local-backend.ts'
import { openTransformers } from '../../engine/transformers/transformers-model.ts'
import { cliError } from '../../errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { ExportedSide, ModelSide, SavedSide, Side } from './sides.ts'

/** What computes a side: an engine of ours, a Python with transformers, or nothing where logits were saved. */
export type Runner =
  | { readonly kind: 'engine'; readonly engine: EngineName }
  | { readonly kind: 'transformers'; readonly python: string }
  | { readonly kind: 'saved' }

export type RunningSide = {
  /** Token ids of a text, as this side's tokenizer makes them. */
  encode(text: string): Promise<readonly number[]>
  /** Row-major [positions, width], for the last `positions` of `tokens`. */
  rows(tokens: readonly number[], positions: number): Promise<Float32Array>
  stop(): Promise<void>
}

export type RunOptions = {
  readonly threads?: number
  readonly contextLength: number
  /** Numbers in a row. */
  readonly width: number
}

/** @throws FsError what the engine refuses */
export async function runSide(side: Side, runner: Runner, options: RunOptions, terminal: Terminal): Promise<RunningSide> {
  switch (runner.kind) {
    case 'saved':
      return replay(side as SavedSide, options.width)
    case 'transformers':
      return runByTransformers(side as ModelSide, runner.python, options, terminal)
    case 'engine': {
      if (side.kind === 'exported') return runExport(side, runner.engine, options)
      const model = side as ModelSide
      return model.measured === 'logits' ? runLogits(model, runner.engine, options) : runEmbeddings(model, runner.engine, options)
    }
    default:
      return runner satisfies never
  }
}

/** Says the same whatever is asked: whether that was asked for is seen by its tokens. */
function replay({ set }: SavedSide, width: number): RunningSide {
  return {
    encode: async () => set.tokens,
    rows: async (_, positions) => set.logits.subarray(-positions * width),
    stop: async () => undefined,
  }
}

const ownTokens = ({ tokenizer }: ModelSide | ExportedSide) => ({
  encode: async (text: string) => tokenizer.encode(text, { addSpecialTokens: true }),
})

async function runByTransformers(side: ModelSide, python: string, { threads }: RunOptions, terminal: Terminal): Promise<RunningSide> {
  const { environment, signal } = terminal
  const model = await openTransformers({
    python,
    folder: side.folder!,
    measured: side.measured,
    environment,
    signal,
    ...(threads === undefined ? {} : { threads }),
  })
  return { encode: model.encode, rows: model.rows, stop: model.close }
}

async function runLogits(side: ModelSide, engine: EngineName, options: RunOptions): Promise<RunningSide> {
  return runLanguage(side, await openEngine(side.opened, { ...options, engine, arithmetic: 'exact' }))
}

async function runExport(side: ExportedSide, engine: EngineName, options: RunOptions): Promise<RunningSide> {
  if (engine !== 'ort')
    throw cliError('cli/usage', `${side.name} is an ONNX model, which ONNX Runtime runs; leave out --engine ${engine}`, {})
  if (side.measured === 'logits') return runLanguage(side, await openExportedLanguage(side.checkpoint, options))
  return runVectors(side, await openExportedVectors(side.checkpoint, options))
}

function runLanguage(side: ModelSide | ExportedSide, language: LanguageModel): RunningSide {
  return {
    ...ownTokens(side),
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
    stop: () => language.dispose(),
  }
}

async function runEmbeddings(side: ModelSide, engine: EngineName, { threads }: RunOptions): Promise<RunningSide> {
  if (engine !== 'ort') throw cliError('cli/usage', `--engine ${engine} gives no embeddings here; leave it out`, {})
  const { spec } = side.opened.description
  const model = await openEmbeddingModel({
    spec: spec.kind === 'encoder' ? { ...spec, pooling: 'none' } : decoderAsEncoder(spec, 'none', false),
    weights: side.weights,
    backend: await localBackend(threads),
    arithmetic: 'exact',
  })
  return runVectors(side, model)
}

function runVectors(side: ModelSide | ExportedSide, model: EmbeddingModel): RunningSide {
  return {
    ...ownTokens(side),
    rows: async (tokens, positions) => (await model.tokenVectors(tokens)).slice(-positions * model.hiddenSize),
    stop: () => model.dispose(),
  }
}
