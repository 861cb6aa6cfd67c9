// `verify` for LiteRT-LM bundles: does the engine go on from the bundle as the original does?

import { openAsBlob } from 'node:fs'
import { readBundle } from '@fs/litertlm/bundle'
import { openLiteRtLmModel } from '@fs/runtime/litert-lm'
import { loadLiteRtLm } from '@fs/runtime/litert-lm/node'
import { openTextModel } from '../engine/text-model.ts'
import { cliError } from '../errors.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'
import { formatTable } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { type ComparedText, compareNextTokens } from './compare-next-tokens.ts'
import { constantsOf } from './constants.ts'
import { BUNDLE_ENGINE } from './engine-name.ts'
import { findBundle } from './local-bundle.ts'

export type BundleVerification = {
  readonly candidate: string
  readonly reference: string
  readonly engine: typeof BUNDLE_ENGINE
  readonly holds: boolean
  /** Share of next tokens that are the original's, and the least that is allowed. */
  readonly agreement: number
  readonly leastAgreement: number
  readonly prompts: readonly ComparedText[]
}

const PROMPTS = [
  'The capital of France is',
  'Once upon a time there was a king who',
  'def add(a, b):\n    return',
  'She said: "I do not know what',
  'In 1969 the first people',
  'Water is made of',
] as const

/** By the type of most weights. */
const LEAST_AGREEMENT: { readonly [type: string]: number } = { float32: 1, float16: 0.9, int8: 0.8, int4: 0.5 }

export type VerifyBundleRequest = ModelOptions & {
  readonly candidate: string
  readonly reference: string
  readonly prompts: readonly string[]
  readonly threads?: number
}

/** @throws FsError when either side cannot be opened, or the engine is not installed */
export async function verifyBundle(request: VerifyBundleRequest, terminal: Terminal): Promise<BundleVerification> {
  const { path, source } = await findBundle(request.candidate, terminal)
  const { tflite, metadata } = await readBundle(source).finally(() => source.close())
  const candidate = await openLiteRtLmModel(await loadLiteRtLm(), { bundle: await openAsBlob(path), name: path })
  try {
    const { checkpoint } = await resolveModel(request.reference, request, terminal)
    try {
      const original = await openTextModel(checkpoint, {
        engine: 'ort',
        arithmetic: 'exact',
        contextLength: metadata.maxTokens,
        ...(request.threads === undefined ? {} : { threads: request.threads }),
      })
      try {
        // The engine stops at its own ends, and shows nothing of them.
        const ends = metadata.stopTokens.flatMap((token) => ('ids' in token ? token.ids : []))
        const prompts: ComparedText[] = []
        for (const prompt of request.prompts.length > 0 ? request.prompts : PROMPTS) {
          terminal.signal.throwIfAborted()
          prompts.push(await compareNextTokens(candidate, { ...original, ends }, prompt))
        }
        return { candidate: path, reference: request.reference, engine: BUNDLE_ENGINE, ...judge(prompts, mainType(tflite)), prompts }
      } finally {
        await original.close()
      }
    } finally {
      await checkpoint.close()
    }
  } finally {
    await candidate.dispose()
  }
}

function judge(prompts: readonly ComparedText[], type: string) {
  const positions = prompts.reduce((sum, prompt) => sum + prompt.positions, 0)
  if (positions === 0)
    throw cliError('cli/usage', 'the original writes nothing after these prompts that text can show; give others with --prompt', {})
  const agreement = prompts.reduce((sum, { agreed }) => sum + agreed, 0) / positions
  const leastAgreement = LEAST_AGREEMENT[type] ?? 1
  return { holds: agreement >= leastAgreement, agreement, leastAgreement }
}

/** The type that holds most of the weights. */
function mainType(tflite: Parameters<typeof constantsOf>[0]): string {
  const bytes = new Map<string, number>()
  for (const { type, shape } of constantsOf(tflite)) {
    const count = shape.reduce((product, size) => product * size, 1)
    bytes.set(type, (bytes.get(type) ?? 0) + count)
  }
  return [...bytes].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? 'float32'
}

export function bundleVerificationText(verification: BundleVerification): string {
  const { holds, candidate, reference, agreement, leastAgreement, prompts } = verification
  const share = (value: number) => `${(100 * value).toFixed(1)} %`
  const verdict = `${candidate} ${holds ? 'goes on' : 'does NOT go on'} as ${reference} does: ${share(agreement)} of next tokens are the same (at least ${share(leastAgreement)}); LiteRT-LM shows no logits`
  const rows = prompts.map(({ prompt, positions, agreed, first }) => [
    JSON.stringify(prompt.length > 40 ? `${prompt.slice(0, 39)}…` : prompt),
    `${agreed} of ${positions}`,
    first === undefined ? '' : `${JSON.stringify(first.actual)} instead of ${JSON.stringify(first.expected)}`,
  ])
  return `${verdict}\n${formatTable([['prompt', 'same', 'first difference'], ...rows])}`
}
