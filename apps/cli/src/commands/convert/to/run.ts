// One conversion to something other than a GGUF: open, plan, show or execute, check, tell what was made.
import { join } from 'node:path'
import { type OpenedModel, openModel } from '@fs/convert'
import { checkGgmlMeta, writeGgmlMeta } from '@fs/convert/node'
import { type FolderPlan, type GgmlPlan, type GgufPlan, parsePrecision, planGgml, planHuggingFace, planUnified } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { architectureById } from '@fs/registry'
import { execute, reportOutputs, tellNotices } from '../../../execute.ts'
import { EXIT, type ExitCode } from '../../../exit-codes.ts'
import { quantList } from '../../../recipe/requested-types.ts'
import { type ResolvedModel, resolveModel, resolveRemotely } from '../../../resolve-model.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import { openAdapter } from '../adapter.ts'
import { type Check, checkConversion, tellChecks } from '../check.ts'
import { showPlan } from '../describe-plan.ts'
import type { ConvertOptions } from '../options.ts'
import { checkOnnx } from './check-onnx.ts'
import { planOnnxFolder } from './onnx.ts'
import { ggmlPaths, outputFolder, refuseOtherWeights } from './places.ts'
import type { Target } from './targets.ts'

type OtherTarget = Exclude<Target, 'gguf' | 'litertlm'>

export async function runConvertTo(target: OtherTarget, name: string, options: ConvertOptions, terminal: Terminal): Promise<ExitCode> {
  const architecture = options.arch === undefined ? undefined : architectureById(options.arch)
  const precision = parsePrecision(options.precision ?? 'native')
  const quants = quantList(options.quant ?? (target === 'onnx' ? 'auto' : 'f16'))
  const resolved = await (options.remote ? resolveRemotely(name, options, terminal) : resolveModel(name, options, terminal))
  let adapter: Checkpoint | undefined
  try {
    adapter = await openAdapter(options, terminal)
    const model = await openModel(resolved.checkpoint, {
      ...(architecture === undefined ? {} : { architecture }),
      ...(adapter === undefined ? {} : { adapter }),
    })
    const planned = await plan(target, { model, resolved, source: name, precision, quants }, options, terminal)
    tellNotices(planned, options, terminal)
    if (options.dryRun) {
      showPlan(planned, undefined, options, terminal)
      return EXIT.done
    }
    const seconds = await execute(planned, options, terminal)
    const written = target === 'ggml' ? withMeta(planned as GgmlPlan, resolved.label) : planned
    const checks = await check(target, { model, source: name, planned }, options, terminal)
    reportOutputs(
      written,
      { model: resolved.label, architecture: model.description.architecture.title },
      { seconds, checks },
      options,
      terminal,
    )
    return tellChecks(checks, options, terminal)
  } finally {
    await adapter?.close()
    await resolved.checkpoint.close()
  }
}

type Planning = {
  readonly model: OpenedModel
  readonly resolved: ResolvedModel
  readonly source: string
  readonly precision: ReturnType<typeof parsePrecision>
  readonly quants: readonly string[]
}

async function plan(target: OtherTarget, planning: Planning, options: ConvertOptions, terminal: Terminal) {
  const { model, resolved, source, precision, quants } = planning
  switch (target) {
    case 'unified':
    case 'huggingface':
      return planFolder(target, model, resolved, source, precision, options, terminal)
    case 'onnx':
      return planOnnxFolder(model, resolved, source, options, terminal)
    case 'ggml':
      return planFiles(model, resolved, quants, options, terminal)
    default:
      return target satisfies never
  }
}

type Checking = { readonly model: OpenedModel; readonly source: string; readonly planned: FolderPlan | GgufPlan }

async function check(target: OtherTarget, { model, source, planned }: Checking, options: ConvertOptions, terminal: Terminal) {
  switch (target) {
    case 'unified':
    case 'huggingface':
      return checkConversion(source, planned, options, terminal)
    case 'onnx':
      return checkOnnx(source, model, planned, options, terminal)
    case 'ggml':
      return options.verify ? [LEFT_OUT] : []
    default:
      return target satisfies never
  }
}

async function planFolder(
  target: 'unified' | 'huggingface',
  model: OpenedModel,
  resolved: ResolvedModel,
  source: string,
  precision: ReturnType<typeof parsePrecision>,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<FolderPlan> {
  const folder = outputFolder(resolved, source, target, options, terminal)
  const places = {
    precision,
    pathFor: (file: string) => join(folder, file),
    ...(options.splitMaxSize === undefined ? {} : { splitMaxBytes: options.splitMaxSize }),
  }
  const planned =
    target === 'huggingface'
      ? await planHuggingFace(model, places)
      : await planUnified(model, {
          ...places,
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(options.contextLength === undefined ? {} : { contextLength: options.contextLength }),
        })
  refuseOtherWeights(folder, planned.outputs[0].paths)
  return planned
}

async function planFiles(
  model: OpenedModel,
  resolved: ResolvedModel,
  quants: readonly string[],
  options: ConvertOptions,
  terminal: Terminal,
): Promise<GgmlPlan> {
  const planned = await planGgml(model, { quants, pathFor: ggmlPaths(resolved, quants, options, terminal) })
  if (!options.force) for (const { paths } of planned.outputs) checkGgmlMeta(paths[0]!)
  return planned
}

/** The side files, which need the finished models for their digests. */
function withMeta(planned: GgmlPlan, label: string): GgmlPlan {
  const outputs = planned.outputs.map((output) => ({
    ...output,
    paths: [...output.paths, writeGgmlMeta(output.paths[0]!, output.meta, label)],
  }))
  return { ...planned, outputs }
}

const LEFT_OUT: Check = { kind: 'skipped', reason: 'such a file leaves settings out, which readers assume; compare with fartsovka logits' }
