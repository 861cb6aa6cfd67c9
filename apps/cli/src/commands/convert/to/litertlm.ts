// One conversion to LiteRT-LM bundles: plan from headers, show or write each quantization, tell what was made.
// What a bundle holds is `@fs/convert/litertlm`'s.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type OpenedModel, openModel } from '@fs/convert'
import { type BundleOverrides, type LitertlmPlan, parseBundleOverrides, planLitertlm } from '@fs/convert/litertlm'
import { writeLitertlm } from '@fs/convert/node'
import type { Checkpoint } from '@fs/core'
import { QUANTIZATIONS, type QuantizationName } from '@fs/litertlm/graph'
import { architectureById } from '@fs/registry'
import { cliError } from '../../../errors.ts'
import { EXIT, type ExitCode } from '../../../exit-codes.ts'
import { readOptionFile } from '../../../recipe/options.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../../resolve-model.ts'
import { formatBytes, formatDuration, formatTable, printable } from '../../../terminal/format.ts'
import { progressBar } from '../../../terminal/progress.ts'
import { type Terminal, userPath } from '../../../terminal/terminal.ts'
import { openAdapter } from '../adapter.ts'
import type { ConvertOptions } from '../options.ts'
import { modelName } from '../output-path.ts'
import { type BundleCheck, bundleCheckInWords, checkWrittenBundle } from './check-bundle.ts'
import { safeName } from './places.ts'

/** litert-lm-cli's default. */
const DEFAULT_QUANTIZATION = 'dynamic_int8'

type Planned = { readonly path: string; readonly plan: LitertlmPlan }

export async function runConvertToLitertlm(source: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  const quantizations = (options.quant ?? DEFAULT_QUANTIZATION).split(',').map(quantizationNamed)
  const overrides = readOverrides(options, terminal)
  const resolved = await (options.remote ? resolveRemotely(source, options, terminal) : resolveModel(source, options, terminal))
  let adapter: Checkpoint | undefined
  try {
    adapter = await openAdapter(options, terminal)
    const model = await openModel(resolved.checkpoint, {
      ...(architecture === undefined ? {} : { architecture }),
      ...(adapter === undefined ? {} : { adapter }),
    })
    const pathFor = bundlePaths(resolved, quantizations, options, terminal)
    const planned: Planned[] = []
    for (const quantization of quantizations) {
      const plan = await planLitertlm(model, {
        quantization,
        overrides,
        ...(options.kvCacheMaxLen === undefined ? {} : { cacheLength: options.kvCacheMaxLen }),
        ...(options.prefillLengths === undefined ? {} : { prefillLengths: options.prefillLengths }),
        ...(options.inlineWeights === undefined ? {} : { weights: 'inline' }),
      })
      planned.push({ path: pathFor(quantization), plan })
    }
    const notices = planned[0]!.plan.notices
    if (!options.quiet) for (const { message } of notices) terminal.err(printable(`note: ${message}\n`))
    if (options.dryRun) {
      showPlans(planned, options, terminal)
      return EXIT.done
    }
    return await writeAll(model, { resolved, source }, planned, options, terminal)
  } finally {
    await adapter?.close()
    await resolved.checkpoint.close()
  }
}

/** @throws FsError `cli/usage` with the names there are */
function quantizationNamed(text: string): QuantizationName {
  const name = text.trim().toLowerCase().replaceAll('-', '_')
  const known = Object.keys(QUANTIZATIONS) as QuantizationName[]
  const found = known.find((candidate) => candidate === name)
  if (found !== undefined) return found
  throw cliError('cli/usage', `--quant ${text} is no quantization of LiteRT-LM; choose ${known.join(', ')}`, { quant: text })
}

function readOverrides({ metadata: file }: ConvertOptions, terminal: Terminal): BundleOverrides {
  if (file === undefined) return {}
  let value: unknown
  try {
    value = JSON.parse(readOptionFile(file, '--metadata', terminal))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw cliError('cli/usage', `--metadata ${file} is not valid JSON: ${cause.message}`, { file }, cause)
  }
  return parseBundleOverrides(value)
}

/** `{Model}-{quantization}.litertlm` where the person is, in a folder that is named, or the file that is. */
function bundlePaths(
  resolved: ResolvedModel,
  quantizations: readonly QuantizationName[],
  options: ConvertOptions,
  terminal: Terminal,
): (quantization: QuantizationName) => string {
  const name = options.name === undefined ? modelName(resolved) : safeName(options.name)
  const inFolder = (folder: string) => (quantization: QuantizationName) => join(folder, bundleName(name, quantization))
  if (options.output === undefined) return inFolder(terminal.folder)
  const path = userPath(terminal, options.output)
  const isFile = /\.litertlm$/i.test(path) && !(existsSync(path) && statSync(path).isDirectory())
  if (!isFile) return inFolder(path)
  if (quantizations.length > 1) {
    throw cliError('cli/usage', `${quantizations.length} quantizations cannot go into one file ${options.output}; name a folder`, {})
  }
  return () => path
}

const bundleName = (model: string, quantization: QuantizationName): string => `${model}-${quantization}.litertlm`

async function writeAll(
  model: OpenedModel,
  { resolved, source }: { readonly resolved: ResolvedModel; readonly source: string },
  planned: readonly Planned[],
  options: ConvertOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const outputs: { readonly type: QuantizationName; readonly files: readonly { readonly path: string; readonly size: number }[] }[] = []
  const checks: BundleCheck[] = []
  const began = performance.now()
  for (const { path, plan } of planned) {
    const started = performance.now()
    const bar = progressBar(terminal, `writing ${plan.quantization}`, options.quiet ? 'quiet' : 'normal')
    const existing = options.force ? 'replace' : 'refuse'
    const onProgress = (written: number, total: number) => bar.update(Math.min(written, total), total)
    await writeLitertlm(model, plan, path, { existing, signal: terminal.signal, onProgress }).finally(() => bar.finish())
    outputs.push({ type: plan.quantization, files: [{ path, size: plan.size }] })
    const facts = `${model.description.architecture.title} ${plan.quantization}, ${formatBytes(plan.size)}`
    if (!options.json) terminal.out(printable(`${path}  ${facts}, ${formatDuration((performance.now() - started) / 1000)}\n`))
    if (!options.verify) continue
    const check = await checkWrittenBundle(plan, path, source, options, terminal)
    checks.push(check)
    if (!options.quiet || (check.kind === 'done' && !check.holds))
      terminal.err(printable(`${bundleCheckInWords(check, plan.quantization)}\n`))
  }
  const exitCode = checks.some((check) => check.kind === 'done' && !check.holds) ? EXIT.checkFailed : EXIT.done
  if (!options.json) return exitCode
  const facts = { model: resolved.label, architecture: model.description.architecture.title }
  const notices = planned[0]!.plan.notices.map(({ code, message }) => ({ code, message }))
  terminal.out(`${JSON.stringify({ ...facts, outputs, notices, seconds: (performance.now() - began) / 1000, checks }, null, 2)}\n`)
  return exitCode
}

function showPlans(planned: readonly Planned[], { json }: ConvertOptions, terminal: Terminal): void {
  if (json) {
    const outputs = planned.map(({ path, plan }) => ({
      type: plan.quantization,
      path,
      size: plan.size,
      metadata: plan.metadata,
      tensors: plan.tflite.plan.buffers.map(({ tensor, rows, rowLength, encoding, offset, byteLength }) => ({
        name: tensor,
        shape: [rows, rowLength],
        to: encoding.kind,
        offset: plan.tflite.offset + offset,
        byteLength,
      })),
    }))
    terminal.out(`${JSON.stringify({ outputs, notices: planned[0]!.plan.notices }, null, 2)}\n`)
    return
  }
  for (const { path, plan } of planned) {
    const rows = plan.tflite.plan.buffers.map(({ tensor, rows: count, rowLength, encoding, byteLength }) => [
      tensor,
      `[${count === 1 ? rowLength : `${count}, ${rowLength}`}]`,
      encoding.kind,
      formatBytes(byteLength),
    ])
    const table = formatTable([['tensor', 'shape', 'to', 'size'], ...rows], new Set([3]))
    terminal.out(printable(`${table}\n\n${plan.quantization}: ${formatBytes(plan.size)} in ${path}\n`))
  }
}
