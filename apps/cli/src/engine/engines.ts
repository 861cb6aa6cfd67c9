// The engines that compute, by the names `--engine` takes. Each turns an opened model into a `LanguageModel`.
import { modelWeights, type OpenedModel } from '@fs/convert'
import type { LanguageModel } from '@fs/core'
import { type Arithmetic, openLanguageModel } from '@fs/runtime'
import { cliError } from '../errors.ts'
import { localBackend } from './local-backend.ts'

export const ENGINES = ['ort', 'llama.cpp'] as const

export type EngineName = (typeof ENGINES)[number]

/**
 * @param others what the command takes beside these, and has looked for already
 * @throws FsError `cli/usage` for a name that is none
 */
export function engineNamed(name: string, others: readonly string[] = []): EngineName {
  const found = ENGINES.find((engine) => engine === name)
  if (found === undefined)
    throw cliError(
      'cli/usage',
      `there is no engine ${name}; choose ${[...ENGINES, ...others].join(' or ')}${name === 'litert-lm' ? '; litert-lm takes and gives text alone, for run and chat' : ''}`,
      {
        engine: name,
      },
    )
  return found
}

export type EngineOptions = {
  readonly engine: EngineName
  readonly threads?: number
  /** `fast` unless said otherwise; measurements take `exact`. llama.cpp has its own. */
  readonly arithmetic?: Arithmetic
  /** Tokens a sequence must hold, where that is known. */
  readonly contextLength?: number
}

/** Longest context reserved unless the model's is shorter: the cache grows with it. */
const CONTEXT_LENGTH = 4096

/** @throws FsError what the engine refuses */
export async function openEngine(opened: OpenedModel, options: EngineOptions): Promise<LanguageModel> {
  switch (options.engine) {
    case 'ort':
      return openOrt(opened, options)
    case 'llama.cpp':
      return openLlamaCpp(opened, options)
    default:
      return options.engine satisfies never
  }
}

async function openOrt(opened: OpenedModel, { threads, arithmetic, contextLength }: EngineOptions): Promise<LanguageModel> {
  const { spec } = opened.description
  if (spec.kind !== 'decoder') throw cliError('cli/usage', 'the model is an encoder', {})
  return openLanguageModel({
    spec,
    weights: modelWeights(opened),
    backend: await localBackend(threads),
    arithmetic: arithmetic ?? 'fast',
    contextLength: Math.min(spec.contextLength, contextLength ?? CONTEXT_LENGTH),
  })
}

async function openLlamaCpp(opened: OpenedModel, { contextLength }: EngineOptions): Promise<LanguageModel> {
  const { checkpoint, description } = opened
  const [file] = checkpoint.tensors.files
  if (checkpoint.container !== 'gguf' || file?.location.kind !== 'file') {
    throw cliError('cli/usage', `llama.cpp runs GGUF files only; convert ${checkpoint.name} first, or use --engine ort`, {
      model: checkpoint.name,
    })
  }
  const { openLlamaCppModel } = await import('@fs/runtime/llama-cpp')
  return openLlamaCppModel({
    path: file.location.path,
    contextLength: Math.min(description.spec.contextLength, contextLength ?? CONTEXT_LENGTH),
    sequences: 8,
  })
}
