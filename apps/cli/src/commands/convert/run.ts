// One conversion from arguments to GGUF files: open, plan, show or execute, check, tell what was made. Other targets are in `to/`.

import { type OpenOptions, openModel } from '@fs/convert'
import type { BudgetPlan } from '@fs/convert/measure'
import { vocabularyThread } from '@fs/convert/node'
import { type GgufPlan, type GgufRequest, planGguf, planRequantize, type TypeOptions } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { architectureById } from '@fs/registry'
import { execute, reportOutputs, tellNotices } from '../../execute.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { budgetResult, planTypes } from '../../recipe/budget.ts'
import { checkReportOptions, reportErrors } from '../../recipe/error-report.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../resolve-model.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { openAdapter } from './adapter.ts'
import { checkConversion, tellChecks } from './check.ts'
import { showPlan } from './describe-plan.ts'
import type { ConvertOptions } from './options.ts'
import { outputPaths, refuseStandardOutput } from './output-path.ts'
import { type ConvertRequest, readRequest } from './request.ts'
import { keepHeapSmall } from './small-heap.ts'
import { runConvertToLitertlm } from './to/litertlm.ts'
import { runConvertTo } from './to/run.ts'
import { checkTargetOptions, parseTarget } from './to/targets.ts'

type BuildVocabulary = NonNullable<GgufRequest['buildVocabulary']>

export async function runConvert(name: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  keepHeapSmall()
  refuseStandardOutput(options)
  const target = parseTarget(options.to)
  checkTargetOptions(target, options)
  if (target === 'litertlm') return runConvertToLitertlm(name, options, terminal)
  if (target !== 'gguf') return runConvertTo(target, name, options, terminal)
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  // Read before the model is: a slip in an option should not cost a download.
  const request = await readRequest(options, terminal)
  checkReportOptions(options, request.requested.names, terminal)
  const resolved = await (options.remote ? resolveRemotely(name, options, terminal) : resolveModel(name, options, terminal))
  let adapter: Checkpoint | undefined
  try {
    adapter = await openAdapter(options, terminal)
    const understood = { ...(architecture === undefined ? {} : { architecture }), ...(adapter === undefined ? {} : { adapter }) }
    const { planned, budget, title, sources } = await plan(resolved, understood, request, options, terminal)
    tellNotices(planned, options, terminal)
    if (options.dryRun) {
      showPlan(planned, budget, options, terminal)
      return EXIT.done
    }
    const seconds = await execute(planned, options, terminal)
    const errors = await reportErrors(planned, sources, options, terminal)
    const checks = options.vocabOnly ? [] : await checkConversion(name, planned, options, terminal)
    reportOutputs(
      planned,
      { model: resolved.label, architecture: title },
      { seconds, checks, ...budgetResult(budget), ...(errors === undefined ? {} : { errors }) },
      options,
      terminal,
    )
    return tellChecks(checks, options, terminal)
  } finally {
    await adapter?.close()
    await resolved.checkpoint.close()
  }
}

/** From a GGUF the model stays what it is and only types change; anything else is understood first. */
async function plan(
  resolved: ResolvedModel,
  understood: OpenOptions,
  { requested, gguf }: ConvertRequest,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<{ readonly planned: GgufPlan; readonly budget?: BudgetPlan; readonly title: string; readonly sources: ResolvedModel }> {
  const { checkpoint } = resolved
  const pathFor = outputPaths(resolved, requested.names, options, terminal)
  if (checkpoint.container === 'gguf' && understood.adapter === undefined) {
    const split = gguf.splitMaxBytes === undefined ? {} : { split: { maxBytes: gguf.splitMaxBytes } }
    const overrides = gguf.name === undefined ? {} : { overrides: [['general.name', { type: 'STRING', value: gguf.name }] as const] }
    const requantize = (quants: readonly string[], types: TypeOptions, named?: string) =>
      planRequantize(checkpoint, { quants, types, pathFor: (type) => pathFor(named ?? type), ...split, ...overrides })
    return { ...(await planTypes(resolved, requested, requantize, options, terminal)), title: '', sources: resolved }
  }
  const model = await openModel(checkpoint, understood)
  // With an adapter there are more files to read.
  const sources = { ...resolved, checkpoint: model.checkpoint }
  // A budget plans more than once, with the same vocabulary.
  let vocabulary: ReturnType<BuildVocabulary> | undefined
  const buildVocabulary: BuildVocabulary = (...source) => {
    vocabulary ??= vocabularyThread(...source)
    return vocabulary
  }
  const convert = (quants: readonly string[], types: TypeOptions, named?: string) =>
    planGguf(model, { ...gguf, quants, types, pathFor: (type) => pathFor(named ?? type), buildVocabulary })
  return { ...(await planTypes(sources, requested, convert, options, terminal)), title: model.description.architecture.title, sources }
}
