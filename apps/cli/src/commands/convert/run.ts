// One conversion from arguments to files: open, plan, show or execute, tell what was made.

import type { Architecture } from '@fs/arch'
import { openModel } from '@fs/convert'
import type { BudgetPlan } from '@fs/convert/measure'
import { vocabularyThread } from '@fs/convert/node'
import { type GgufPlan, type GgufRequest, planGguf, planRequantize, type TypeOptions } from '@fs/convert/plan'
import { architectureById } from '@fs/registry'
import { cliError } from '../../errors.ts'
import { execute, reportOutputs, tellNotices } from '../../execute.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { budgetResult, planTypes } from '../../recipe/budget.ts'
import { checkReportOptions, reportErrors } from '../../recipe/error-report.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../resolve-model.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { showPlan } from './describe-plan.ts'
import type { ConvertOptions } from './options.ts'
import { outputPaths } from './output-path.ts'
import { type ConvertRequest, readRequest } from './request.ts'

type BuildVocabulary = NonNullable<GgufRequest['buildVocabulary']>

export async function runConvert(name: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.to !== 'gguf') throw cliError('cli/usage', `--to ${options.to}: this version writes gguf`, { to: options.to })
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  // Read before the model is: a slip in an option should not cost a download.
  const request = await readRequest(options, terminal)
  checkReportOptions(options, request.requested.names)
  const resolved = await (options.remote ? resolveRemotely(name, options, terminal) : resolveModel(name, options, terminal))
  try {
    const { planned, budget, title } = await plan(resolved, architecture, request, options, terminal)
    tellNotices(planned, options, terminal)
    if (options.dryRun) {
      showPlan(planned, budget, options, terminal)
      return EXIT.done
    }
    const seconds = await execute(planned, options, terminal)
    const errors = await reportErrors(planned, resolved, options, terminal)
    reportOutputs(
      planned,
      { model: resolved.label, architecture: title },
      { seconds, ...budgetResult(budget), ...(errors === undefined ? {} : { errors }) },
      options,
      terminal,
    )
    return EXIT.done
  } finally {
    await resolved.checkpoint.close()
  }
}

/** From a GGUF the model stays what it is and only types change; anything else is understood first. */
async function plan(
  resolved: ResolvedModel,
  architecture: Architecture | undefined,
  { requested, gguf }: ConvertRequest,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<{ readonly planned: GgufPlan; readonly budget?: BudgetPlan; readonly title: string }> {
  const { checkpoint } = resolved
  const pathFor = outputPaths(resolved, requested.names, options, terminal)
  if (checkpoint.container === 'gguf') {
    const split = gguf.splitMaxBytes === undefined ? {} : { split: { maxBytes: gguf.splitMaxBytes } }
    const overrides = gguf.name === undefined ? {} : { overrides: [['general.name', { type: 'STRING', value: gguf.name }] as const] }
    const requantize = (quants: readonly string[], types: TypeOptions, named?: string) =>
      planRequantize(checkpoint, { quants, types, pathFor: (type) => pathFor(named ?? type), ...split, ...overrides })
    return { ...(await planTypes(resolved, requested, requantize, options, terminal)), title: '' }
  }
  const model = await openModel(checkpoint, architecture === undefined ? {} : { architecture })
  // A budget plans more than once, with the same vocabulary.
  let vocabulary: ReturnType<BuildVocabulary> | undefined
  const buildVocabulary: BuildVocabulary = (...source) => {
    vocabulary ??= vocabularyThread(...source)
    return vocabulary
  }
  const convert = (quants: readonly string[], types: TypeOptions, named?: string) =>
    planGguf(model, { ...gguf, quants, types, pathFor: (type) => pathFor(named ?? type), buildVocabulary })
  return { ...(await planTypes(resolved, requested, convert, options, terminal)), title: model.description.architecture.title }
}
