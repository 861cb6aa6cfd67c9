// LiteRT-LM's engine for `run` and `chat`: text in, text out, with what a person said of sampling laid over the bundle's own.
import { openAsBlob } from 'node:fs'
import { readBundle } from '@fs/litertlm/bundle'
import type { LlmMetadata, SamplerParameters } from '@fs/litertlm/metadata'
import { type AnswerOptions, type LiteRtLmModel, openLiteRtLmModel } from '@fs/runtime/litert-lm'
import { loadLiteRtLm } from '@fs/runtime/litert-lm/node'
import { type ArithmeticOption, refuseArithmetic } from '../engine/arithmetic-option.ts'
import type { DecodingOptions } from '../engine/decoding-options.ts'
import { cliError } from '../errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { BUNDLE_ENGINE } from './engine-name.ts'
import { findBundle } from './local-bundle.ts'

export type TextEngine = { readonly path: string; readonly metadata: LlmMetadata; readonly model: LiteRtLmModel }

/** @throws FsError `cli/no-bundle`, what is wrong with the bundle, `runtime/engine-missing`, `runtime/session-failed` */
export async function openTextEngine(name: string, terminal: Terminal): Promise<TextEngine> {
  const { path, source } = await findBundle(name, terminal)
  try {
    // Read strictly first: the engine is not made for files that lie.
    const { metadata } = await readBundle(source)
    const model = await openLiteRtLmModel(await loadLiteRtLm(), { bundle: await openAsBlob(path), name: path })
    return { path, metadata, model }
  } finally {
    await source.close()
  }
}

/** Top-k of a bundle that is greedy, when a person asks for something else. */
const USUAL_TOP_K = 40

/**
 * @param maxTokens where nothing is said
 * @throws FsError `cli/usage` for an option the engine does not have
 */
export function answerOptions(
  options: DecodingOptions & ArithmeticOption,
  sampler: SamplerParameters | undefined,
  maxTokens: number,
): AnswerOptions {
  refuseArithmetic(options, BUNDLE_ENGINE)
  const { temperature, topK, topP, seed, greedy } = options
  for (const [flag, value] of [
    ['--min-p', options.minP],
    ['--repeat-penalty', options.repeatPenalty],
    ['--stop', options.stop],
  ] as const) {
    if (value !== undefined)
      throw cliError('cli/usage', `the engine ${BUNDLE_ENGINE} has no ${flag}; leave it out, or use --engine ort`, { flag })
  }
  const limit = { maxTokens: options.maxTokens ?? maxTokens }
  if (greedy || temperature === 0) return { ...limit, sampler: 'greedy' }
  // Then everything is as the bundle says, the seed included.
  if ((temperature ?? topK ?? topP ?? seed) === undefined) return limit
  const own = sampler === undefined || sampler.k === 1 ? { temperature: 1, k: USUAL_TOP_K, p: 1 } : sampler
  return {
    ...limit,
    sampler: {
      temperature: temperature ?? own.temperature,
      topK: topK ?? own.k,
      topP: topP ?? own.p,
      seed: seed ?? Math.floor(Math.random() * 2 ** 31),
    },
  }
}
