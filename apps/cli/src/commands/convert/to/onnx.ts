// `convert --to onnx`: what the options ask of the plan. How the result is checked is in `check-onnx.ts`.
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { OpenedModel } from '@fs/convert'
import { planOnnx } from '@fs/convert/onnx'
import type { GgufPlan } from '@fs/convert/plan'
import type { FloatType } from '@fs/onnx'
import { cliError } from '../../../errors.ts'
import { requestedTypes } from '../../../recipe/requested-types.ts'
import type { ResolvedModel } from '../../../resolve-model.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import type { ConvertOptions } from '../options.ts'
import { outputFolder } from './places.ts'

/** @throws FsError `cli/usage`, `cli/output-exists`, and what planning refuses */
export async function planOnnxFolder(
  model: OpenedModel,
  resolved: ResolvedModel,
  source: string,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<GgufPlan> {
  const folder = outputFolder(resolved, source, 'onnx', options, terminal)
  const { names, types } = await requestedTypes(options, 'auto', terminal)
  const activations = activationsOf(options.precision)
  const planned = await planOnnx(model, {
    // Halves alone mean weights in halves too, where they are not in blocks.
    quants: options.quant === undefined && activations === 'float16' && !isInBlocks(model) ? ['f16'] : names,
    types,
    pathFor: (file) => join(folder, file),
    ...(activations === undefined ? {} : { activations }),
    ...(options.contextLength === undefined ? {} : { contextLength: options.contextLength }),
    ...(options.splitMaxSize === undefined ? {} : { splitMaxBytes: options.splitMaxSize }),
  })
  refuseOtherModels(
    join(folder, 'onnx'),
    planned.plan.outputs.map(({ path }) => path),
  )
  return planned
}

function activationsOf(precision: string | undefined): FloatType | undefined {
  switch (precision?.toLowerCase()) {
    case undefined:
      return undefined
    case 'f16':
    case 'float16':
      return 'float16'
    case 'f32':
    case 'float32':
      return 'float32'
    default:
      throw cliError('cli/usage', `--precision ${precision} is no type ONNX Runtime computes in here; choose f32 or f16`, { precision })
  }
}

function isInBlocks({ checkpoint }: OpenedModel): boolean {
  return checkpoint.container === 'gguf' && [...checkpoint.tensors.tensors.values()].some(({ type }) => /^(I?Q|TQ|MXFP|NVFP)\d/.test(type))
}

/** config.json says how many parts each model has, so it cannot speak for one that was written another time. */
function refuseOtherModels(folder: string, paths: readonly string[]): void {
  const written = new Set(paths.map((path) => resolve(path)))
  const files = existsSync(folder) ? readdirSync(folder) : []
  const other = files.find((name) => /\.onnx(_data(_\d+)?)?$/.test(name) && !written.has(resolve(folder, name)))
  if (other === undefined) return
  throw cliError(
    'cli/output-exists',
    `${join(folder, other)} belongs to another conversion; remove it, write all types at once with --quant, or name another folder with -o`,
    { file: other },
  )
}
