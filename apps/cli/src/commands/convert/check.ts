// The end of a conversion: what was written is opened again and held against the original, token ids, weights and logits.
// How two models are compared is `verify`'s; which outcome a conversion may have is decided here.
import type { FolderPlan, GgufPlan } from '@fs/convert/plan'
import type { FieldDifference, Verification } from '@fs/eval'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { formatBytes, printable } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { memoryToRun } from '../verify/memory.ts'
import { verify } from '../verify/run.ts'
import { type CheckWithoutRunning, checkWithoutRunning, fieldInWords } from './check-without-running.ts'
import type { ConvertOptions } from './options.ts'

export type Check =
  | {
      readonly kind: 'done'
      readonly holds: boolean
      readonly path: string
      readonly type: string
      readonly reasons: readonly string[]
      readonly nmse: number
      readonly tokens: number
    }
  | CheckWithoutRunning
  | { readonly kind: 'skipped'; readonly reason: string }

export type Converted = {
  readonly reference: string
  readonly outputs: readonly { readonly path: string; readonly type: string }[]
  readonly values: number
  /** Codes of what was told before: a difference one of them explains is no failure. */
  readonly notices: readonly string[]
}

export type CheckOptions = { readonly threads?: number; readonly revision?: string }

/** Both models are held as float32 while they are run, and a conversion promises to stay under 400 MB. */
const MOST_BYTES = 128 * 1024 ** 2

/** Checks what was written, or says why not. @param reference what was converted, as the user named it */
export async function checkConversion(
  reference: string,
  { plan, outputs, notices }: GgufPlan | FolderPlan,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<readonly Check[]> {
  if (!options.verify) return []
  const reason = reasonNotToCheck(options)
  if (reason !== undefined) return [{ kind: 'skipped', reason }]
  const values = plan.jobs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  const explanations = notices.map(({ code }) => code)
  const converted: Converted = {
    reference,
    outputs: outputs.map(({ folder, paths, type }) => ({ path: folder ?? paths[0]!, type })),
    values,
    notices: options.contextLength === undefined ? explanations : [...explanations, '--context-length'],
  }
  const { threads, revision } = options
  const shared = { ...(threads === undefined ? {} : { threads }), ...(revision === undefined ? {} : { revision }) }
  return checkOutputs(converted, shared, terminal)
}

function reasonNotToCheck({ arch, adapter, remote }: ConvertOptions): string | undefined {
  if (arch !== undefined) return 'with --arch the original is read in a way of your choice; compare the two with fartsovka logits'
  if (adapter !== undefined) return 'the original has no adapter merged, so the two differ as they should'
  return remote ? 'the model is read by ranges, and would be read twice' : undefined
}

/** One line for each check on stderr. @returns what the process ends with */
export function tellChecks(checks: readonly Check[], { quiet }: ConvertOptions, terminal: Terminal): ExitCode {
  if (!quiet) for (const check of checks) terminal.err(printable(`${checkInWords(check)}\n`))
  return checks.every((check) => check.kind === 'skipped' || check.holds) ? EXIT.done : EXIT.checkFailed
}

export async function checkOutputs(converted: Converted, options: CheckOptions, terminal: Terminal): Promise<readonly Check[]> {
  const { reference, outputs, values } = converted
  const isExplainedByNotice = ({ field }: FieldDifference) => converted.notices.some((code) => EXPLAINED[code]?.test(field))
  if (values * 4 > MOST_BYTES) {
    const memory = `not run, which takes ${formatBytes(memoryToRun(values))}`
    return checkWithoutRunning({ reference, outputs, memory, isExplained: isExplainedByNotice }, options, terminal)
  }
  const checks: Check[] = []
  for (const { path, type } of outputs) {
    terminal.signal.throwIfAborted()
    // Whether a type of few bits costs too much is for `kl-divergence` to say; that no weight lost more than its type explains holds for all.
    const limit = isFloat(type) ? {} : { maxNmse: Number.POSITIVE_INFINITY }
    // What was converted was downloaded: the same copy is compared.
    const request = { candidate: path, reference, engine: 'ort', prompts: [], weights: true, offline: true, quiet: true } as const
    const verification = await verify({ ...request, ...options, ...limit }, terminal)
    const settings = verification.diagnosis?.fields ?? []
    const unexplained = settings.filter((difference) => !isExplainedByNotice(difference))
    checks.push({
      kind: 'done',
      path,
      type,
      holds: unexplained.length === 0 && (verification.holds || isExplained(verification)),
      reasons: verification.reasons.length > 0 ? verification.reasons : unexplained.map(fieldInWords),
      nmse: Math.max(0, ...verification.prompts.map(({ nmse }) => nmse)),
      tokens: verification.prompts.reduce((sum, { tokens }) => sum + tokens, 0),
    })
  }
  return checks
}

const FLOAT_TYPES: ReadonlySet<string> = new Set(['F32', 'F16', 'BF16'])

function isFloat(type: string): boolean {
  return FLOAT_TYPES.has(type)
}

/** What each note of `docs/differences.md` explains: settings that GGUF has no key for, or llama.cpp another formula. */
const EXPLAINED: { readonly [note: string]: RegExp } = {
  'gguf/sliding-window': /\.window$/,
  'gguf/layer-pattern': /\.(window|position\..*)$/,
  'gguf/query-scale': /\.scale$/,
  'gguf/expert-weights': /\.normalizeWeights$/,
  'gguf/exact-gelu': /\.activation$/,
  'gguf/normalize': /^normalize$/,
  'gguf/both-directions': /\.(causal|window)$/,
  // Not a note, but asked for.
  '--context-length': /^contextLength$/,
}

function isExplained({ prompts, diagnosis }: Verification): boolean {
  return (
    diagnosis !== undefined &&
    prompts.length > 0 &&
    prompts.every(({ firstDifferentToken }) => firstDifferentToken === null) &&
    diagnosis.weights.every(({ departs }) => !departs) &&
    diagnosis.fields.length > 0
  )
}

export function checkInWords(check: Check): string {
  if (check.kind === 'skipped') return `not checked: ${check.reason}`
  const { holds, path, type, reasons, tokens } = check
  if (!holds)
    return [
      `${path} does NOT compute what the original computes (--no-verify skips this check)`,
      ...reasons.map((reason) => `  * ${reason}`),
    ].join('\n')
  if (check.kind === 'not run')
    return `checked ${type}: the same ids for ${tokens} tokens, rows of every weight as their types allow; ${check.howToRun}`
  const { nmse } = check
  const difference = nmse === 0 ? 'the same results, to the last bit' : `results with NMSE ${nmse.toExponential(1)}`
  return `checked ${type}: the same ids for ${tokens} tokens, weights as their types allow, ${difference}`
}
