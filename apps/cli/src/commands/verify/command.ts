// `fartsovka verify`: does a converted model still compute what the original computes? Exit code 3 when it does not, and what departs.
import { nmseInWords, type Verification } from '@fs/eval'
import { InvalidArgumentError } from 'commander'
import { BUNDLE_ENGINE, isForBundles } from '../../bundle/engine-name.ts'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { collect } from '../../options.ts'
import type { ForceOption } from '../../output-file.ts'
import { readOptionFile } from '../../recipe/options.ts'
import type { ModelOptions } from '../../resolve-model.ts'
import { formatTable, printable } from '../../terminal/format.ts'
import { checkRecordable, writeRecord } from '../../verification-record/write-record.ts'
import { reportFile, writeReport } from '../measure/write-report.ts'
import { verify } from './run.ts'
import { VERIFY_ENGINES } from './runners.ts'

type VerifyOptions = CommonOptions &
  ModelOptions &
  ForceOption & {
    readonly reference: string
    readonly prompt?: readonly string[]
    readonly promptFile?: string
    readonly maxNmse?: number
    readonly weights?: true
    readonly weightsOnly?: true
    readonly embeddings?: true
    readonly engine: string
    readonly report?: string
    readonly record?: true
  }

export const verifyCommand: CommandDefinition = (program, run) => {
  program
    .command('verify')
    .description('check that a converted model computes what the original computes; exit code 3 when it does not')
    .argument('<candidate>', 'folder, file, org/name[@revision][:QUANT], or saved logits')
    .requiredOption('--reference <model>', 'the original, or saved logits: a .bin with its -tokens.bin')
    .option(
      '--prompt <text>',
      'compare on this prompt (repeatable; default: texts that cross 512 tokens, windows and original contexts)',
      collect,
    )
    .option('--prompt-file <file>', 'compare on each line of a file')
    .option(
      '--max-nmse <x>',
      'largest normalized mean squared error (default: 1e-2 quantized; where the original has more bits, 1e-3 bfloat16, 1e-4 float16; else 1e-6)',
      positive,
    )
    .option('--weights', 'compare every weight, also when the results agree')
    .option('--weights-only', 'compare token ids, settings and every weight, and run nothing: for models larger than the memory')
    .option('--embeddings', 'compare token vectors after the last norm instead of logits')
    .option(
      '--engine <name>',
      `${VERIFY_ENGINES.join(', ')}, ${BUNDLE_ENGINE}: what runs the candidate; transformers runs what is a Hugging Face folder, ${BUNDLE_ENGINE} bundles`,
      'ort',
    )
    .option('--report <file.html>', 'write a page with plots')
    .option('--force', 'replace an existing page')
    .option('--record', 'write what was found into the metadata of the candidate, a GGUF file')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka verify model-Q4_K_M.gguf --reference ./model')
    .action((candidate: string, options: VerifyOptions) =>
      run(async (terminal) => {
        if (options.record) checkRecordable(candidate, terminal)
        const lines =
          options.promptFile === undefined
            ? []
            : readOptionFile(options.promptFile, '--prompt-file', terminal)
                .split(/\r?\n/)
                .filter((line) => line !== '')
        const prompts = [...(options.prompt ?? []), ...lines]
        if (await isForBundles(candidate, options.engine, terminal)) {
          refuseForBundles(options)
          const { bundleVerificationText, verifyBundle } = await import('../../bundle/verify-bundle.ts')
          const verification = await verifyBundle({ ...options, candidate, prompts }, terminal)
          terminal.out(options.json ? `${JSON.stringify(verification)}\n` : `${printable(bundleVerificationText(verification))}\n`)
          return verification.holds ? EXIT.done : EXIT.checkFailed
        }
        const report = reportFile(options, terminal)
        const verification = await verify({ ...options, candidate, prompts }, terminal)
        await writeReport(report, async (reports) => reports.verificationReport(verification))
        // Nothing can be recorded in a file that cannot be opened.
        if (options.record && (verification.prompts.length > 0 || verification.diagnosis !== undefined))
          await writeRecord(verification, terminal, options)
        terminal.out(options.json ? `${JSON.stringify(verification)}\n` : `${printable(inWords(verification))}\n`)
        return verification.holds ? EXIT.done : EXIT.checkFailed
      }),
    )
}

/** LiteRT-LM's engine shows text alone. @throws FsError `cli/usage` */
function refuseForBundles({ maxNmse, weights, weightsOnly, embeddings, report }: VerifyOptions): void {
  for (const [flag, value] of Object.entries({
    '--max-nmse': maxNmse,
    '--weights': weights,
    '--weights-only': weightsOnly,
    '--embeddings': embeddings,
    '--report': report,
  })) {
    if (value !== undefined)
      throw cliError('cli/usage', `${flag} means nothing for ${BUNDLE_ENGINE}, which shows text alone; leave it out`, { flag })
  }
}

function inWords({ holds, candidate, reference, prompts, reasons, maxNmse, measured }: Verification): string {
  const heading =
    measured === 'logits'
      ? ['prompt', 'tokens', 'NMSE', 'largest', 'KL', 'top 1', 'top 10']
      : ['prompt', 'tokens', 'NMSE', 'largest', 'cosine']
  const rows = prompts.map(({ prompt, tokens, nmse, largestDifference, logits, embeddings }) => [
    prompt.length > 40 ? `${prompt.slice(0, 39)}…` : prompt,
    String(tokens),
    nmse.toExponential(2),
    largestDifference.toPrecision(3),
    ...(logits === undefined ? [] : [logits.divergence.toExponential(2), share(logits.sameTop), share(logits.sharedTop10)]),
    ...(embeddings === undefined ? [] : [embeddings.meanCosine.toFixed(6)]),
  ])
  const worst = prompts.reduce((most, { nmse }) => Math.max(most, nmse), 0)
  if (measured === 'weights') {
    const outcome = holds ? 'has the weights of' : 'does NOT have the weights of'
    return [
      `${candidate} ${outcome} ${reference}, token ids and settings included; nothing was run`,
      ...reasons.map((reason) => `  * ${reason}`),
    ].join('\n')
  }
  const verdict = holds
    ? `${candidate} computes what ${reference} computes: ${nmseInWords(worst)} (NMSE ${worst.toExponential(2)}, allowed ${maxNmse!.toExponential(0)})`
    : `${candidate} does NOT compute what ${reference} computes`
  const table = rows.length === 0 ? [] : [formatTable([heading, ...rows], new Set([1, 2, 3, 4, 5, 6]))]
  return [verdict, ...reasons.map((reason) => `  * ${reason}`), ...table].join('\n')
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`

function positive(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('It takes a number of at least 0, like 1e-3.')
  return value
}
