// One conversion from arguments to files: open, plan, show or execute, tell what was made.

import type { Architecture } from '@fs/arch'
import { openModel } from '@fs/convert'
import { vocabularyThread } from '@fs/convert/node'
import { type GgufPlan, type GgufRequest, planGguf, planRequantize } from '@fs/convert/plan'
import { architectureById } from '@fs/registry'
import { cliError } from '../../errors.ts'
import { execute, reportOutputs, tellNotices } from '../../execute.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../resolve-model.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { planJson, planText } from './describe-plan.ts'
import type { ConvertOptions } from './options.ts'
import { outputPaths } from './output-path.ts'
import { readRequest } from './request.ts'

export async function runConvert(name: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  if (options.to !== 'gguf') throw cliError('cli/usage', `--to ${options.to}: this version writes gguf`, { to: options.to })
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  // Read before the model is: a slip in an option should not cost a download.
  const request = await readRequest(options, terminal)
  const resolved = await (options.remote ? resolveRemotely(name, options, terminal) : resolveModel(name, options, terminal))
  try {
    const { planned, title } = await plan(resolved, architecture, request, options, terminal)
    tellNotices(planned, options, terminal)
    if (options.dryRun) {
      terminal.out(options.json ? `${JSON.stringify(planJson(planned), null, 2)}\n` : `${planText(planned)}\n`)
      return EXIT.done
    }
    const seconds = await execute(planned, options, terminal)
    reportOutputs(planned, { model: resolved.label, architecture: title }, seconds, options, terminal)
    return EXIT.done
  } finally {
    await resolved.checkpoint.close()
  }
}

/** From a GGUF the model stays what it is and only types change; anything else is understood first. */
async function plan(
  resolved: ResolvedModel,
  architecture: Architecture | undefined,
  request: Omit<GgufRequest, 'pathFor'>,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<{ readonly planned: GgufPlan; readonly title: string }> {
  const { checkpoint } = resolved
  const pathFor = outputPaths(resolved, request.quants, options, terminal)
  if (checkpoint.container === 'gguf') {
    const split = request.splitMaxBytes === undefined ? {} : { split: { maxBytes: request.splitMaxBytes } }
    const overrides = request.name === undefined ? {} : { overrides: [['general.name', { type: 'STRING', value: request.name }] as const] }
    const planned = planRequantize(checkpoint, {
      quants: request.quants,
      pathFor,
      ...(request.types === undefined ? {} : { types: request.types }),
      ...split,
      ...overrides,
    })
    return { planned, title: '' }
  }
  const model = await openModel(checkpoint, architecture === undefined ? {} : { architecture })
  return {
    planned: await planGguf(model, { ...request, pathFor, buildVocabulary: vocabularyThread }),
    title: model.description.architecture.title,
  }
}
