// Models that are ONNX exports already, ours or another exporter's: where the graph lies, and what the files beside it say of running it.
// How such a graph is run is `@fs/runtime`'s business.
import type { ByteSource, Checkpoint, Json, JsonObject, LanguageModel } from '@fs/core'
import { readJsonObject } from '@fs/formats/json'
import { describeModel, type ModelDescription } from '@fs/onnx'
import { type EmbeddingModel, openExportedEncoder, openExportedModel } from '@fs/runtime'
import { cliError } from '../errors.ts'
import { formatBytes } from '../terminal/format.ts'
import { localBackend } from './local-backend.ts'

export type ExportedOptions = { readonly threads?: number; readonly contextLength?: number }

/** Tokens where no file says how many there may be. */
const CONTEXT_LENGTH = 2048

export function isExported(checkpoint: Checkpoint): boolean {
  return checkpoint.container === 'onnx'
}

/** Graphs without their weights are a few megabytes; one that holds its weights may be larger, and is looked at whole. */
const MOST_BYTES = 1 << 30

/** @throws FsError `onnx/damaged`, `cli/usage` for a file that is too large to look into */
export async function describeExported(checkpoint: Checkpoint): Promise<ModelDescription> {
  const file = exportedFile(checkpoint)
  if (file.size > MOST_BYTES)
    throw cliError('cli/usage', `${file.name} holds ${formatBytes(file.size)} of weights in itself, which is too large to look into`, {})
  return describeModel(await file.read(0, file.size), file.name)
}

/** The .onnx file itself; its data lies beside it. */
export function exportedFile({ tensors }: Checkpoint): ByteSource {
  return tensors.files[0]!
}

/** Tokens it allows: a graph may hold the positions of fewer than the model it was made of. */
export async function exportedContextLength(checkpoint: Checkpoint): Promise<number> {
  const genai = await genaiConfigOf(checkpoint)
  return numberIn(genai.model, 'context_length') ?? contextLengthOf(checkpoint)
}

/** @throws FsError `runtime/session-failed`, `runtime/not-a-decoder`, `cli/usage` for a model that is on no disk */
export async function openExportedLanguage(checkpoint: Checkpoint, { threads, contextLength }: ExportedOptions): Promise<LanguageModel> {
  const genai = await genaiConfigOf(checkpoint)
  const own = await exportedContextLength(checkpoint)
  return openExportedModel({
    model: pathOf(checkpoint),
    backend: await localBackend(threads),
    contextLength: Math.min(own, contextLength ?? own),
    // Where nothing says that the graph stops reading the cache at the mask's end, it may not.
    cache: objectIn(genai.search)?.past_present_share_buffer === true ? 'in-place' : 'returned',
  })
}

/** @throws FsError `runtime/session-failed`, `runtime/not-an-encoder`, `cli/usage` for a model that is on no disk */
export async function openExportedVectors(checkpoint: Checkpoint, { threads }: ExportedOptions): Promise<EmbeddingModel> {
  return openExportedEncoder({
    model: pathOf(checkpoint),
    backend: await localBackend(threads),
    contextLength: contextLengthOf(checkpoint),
    vocabularySize: numberIn(checkpoint.config, 'vocab_size') ?? Number.MAX_SAFE_INTEGER,
  })
}

function pathOf(checkpoint: Checkpoint): string {
  const { location } = exportedFile(checkpoint)
  if (location.kind === 'file') return location.path
  throw cliError('cli/usage', `${checkpoint.name} is an ONNX model and has to lie on a disk to be run; download it first`, {})
}

async function genaiConfigOf({ folder }: Checkpoint): Promise<JsonObject> {
  return folder.files.has('genai_config.json') ? readJsonObject(folder, 'genai_config.json') : {}
}

/** The names of configurations of transformers' families. */
function contextLengthOf({ config }: Checkpoint): number {
  const names = ['max_position_embeddings', 'n_positions', 'max_seq_len', 'n_ctx'] as const
  return names.map((name) => numberIn(config, name)).find((value) => value !== undefined) ?? CONTEXT_LENGTH
}

function objectIn(value: Json | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
}

function numberIn(value: Json | undefined, name: string): number | undefined {
  const number = objectIn(value)?.[name]
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined
}
