// The end of a conversion to a bundle: the engine goes on from it, and what it writes is held against the original.
import type { LitertlmPlan } from '@fs/convert/litertlm'
import { FsError } from '@fs/core'
import type { BundleVerification } from '../../../bundle/verify-bundle.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import type { ConvertOptions } from '../options.ts'

export type BundleCheck =
  | ({ readonly kind: 'done' } & Pick<BundleVerification, 'holds' | 'agreement' | 'leastAgreement'> & { readonly path: string })
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }

/** Both models are held in memory while they are run, and the engine holds the file several times. */
const MOST_VALUES = 32 * 1024 ** 2

/** @param source what was converted, as the user named it */
export async function checkWrittenBundle(
  plan: LitertlmPlan,
  path: string,
  source: string,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<BundleCheck> {
  const skipped = (why: string): BundleCheck => ({
    kind: 'skipped',
    path,
    reason: `${why}; to check, run: fartsovka verify ${path} --reference ${source}`,
  })
  const values = plan.tflite.plan.buffers.reduce((sum, { rows, rowLength }) => sum + rows * rowLength, 0)
  if (values > MOST_VALUES) return skipped('running both models takes much memory')
  // Where a model is not sure of itself, four bits change most of what it writes.
  if (plan.quantization.startsWith('dynamic_int4')) return skipped('with four bits, models write other texts')
  if (options.adapter !== undefined) return skipped('the original has no adapter')
  const { verifyBundle } = await import('../../../bundle/verify-bundle.ts')
  const threads = options.threads === undefined ? {} : { threads: options.threads }
  try {
    const { holds, agreement, leastAgreement } = await verifyBundle(
      { candidate: path, reference: source, prompts: [], quiet: true, ...threads },
      terminal,
    )
    return { kind: 'done', path, holds, agreement, leastAgreement }
  } catch (error) {
    if (FsError.is(error) && (error.code === 'runtime/engine-missing' || error.code === 'cli/usage')) return skipped(error.message)
    throw error
  }
}

export function bundleCheckInWords(check: BundleCheck, quantization: string): string {
  if (check.kind === 'skipped') return `not checked: ${check.reason}`
  const share = `${(100 * check.agreement).toFixed(1)} %`
  return check.holds
    ? `checked ${quantization}: LiteRT-LM writes ${share} of the original’s next tokens`
    : `${check.path} does NOT go on as the original does: LiteRT-LM writes ${share} of its next tokens (--no-verify skips this check)`
}
