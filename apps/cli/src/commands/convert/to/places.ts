// Where folders and ggml files go: the path given, or a name made of the model's where the person is. Nothing of the source is written over.
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cliError } from '../../../errors.ts'
import type { ResolvedModel } from '../../../resolve-model.ts'
import { type Terminal, userPath } from '../../../terminal/terminal.ts'
import { modelName } from '../output-path.ts'
import type { Target } from './targets.ts'

type PlaceOptions = { readonly output?: string; readonly name?: string; readonly force?: true }

/** Weights another conversion may have left in a folder: beside new ones they would make two models of it. */
const WEIGHTS = /^(model|pytorch_model)(-\d{5}-of-\d{5})?\.(safetensors|bin)(\.index\.json)?$/

/**
 * The folder for a model, `./<model>` unless one is named; for ONNX `./<model>-ONNX`.
 * @throws FsError `cli/usage` when it is the folder the model is read from, or a file; `cli/output-exists` when it holds something already
 */
export function outputFolder(resolved: ResolvedModel, source: string, target: Target, options: PlaceOptions, terminal: Terminal): string {
  const name = options.name === undefined ? modelName(resolved) : safeName(options.name)
  // An export usually lies beside what it was made from.
  const fallback = target === 'onnx' ? `${name}-ONNX` : name
  const path = options.output === undefined ? join(terminal.folder, fallback) : userPath(terminal, options.output)
  if (!existsSync(path)) return path
  if (!statSync(path).isDirectory())
    throw cliError('cli/usage', `${path} is a file, but --to ${target} writes a folder; name another with -o`, {})
  const sourcePath = userPath(terminal, source)
  if (existsSync(sourcePath) && realpathSync(sourcePath) === realpathSync(path)) {
    throw cliError('cli/usage', `${path} is the folder the model is read from; name another with -o`, { path })
  }
  const entries = readdirSync(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => !entry.isDirectory() && !/\.partial(\.lock|\.json)?$/.test(entry.name))
  if (files.length > 0 && !options.force) {
    throw cliError('cli/output-exists', `${path} is not empty; choose another folder with -o or write into it with --force`, { path })
  }
  return path
}

/** @throws FsError `cli/output-exists` when a folder holds weights that are not written over */
export function refuseOtherWeights(folder: string, paths: readonly string[]): void {
  const written = new Set(paths.map((path) => resolve(path)))
  const [other] = (existsSync(folder) ? readdirSync(folder) : []).filter(
    (name) => WEIGHTS.test(name) && !written.has(resolve(folder, name)),
  )
  if (other !== undefined) {
    throw cliError(
      'cli/output-exists',
      `${join(folder, other)} would make two models of the folder; remove it, or name another folder with -o`,
      {
        file: other,
      },
    )
  }
}

/**
 * Paths of ggml files: `{model}-f16.bin` and `{model}-q4_0-ggjt.bin` as llm-rs names them, in the folder given, or the file given.
 * @throws FsError `cli/usage` for several types and one file
 */
export function ggmlPaths(
  resolved: ResolvedModel,
  quants: readonly string[],
  options: PlaceOptions,
  terminal: Terminal,
): (suffix: string) => string {
  const name = options.name === undefined ? modelName(resolved) : safeName(options.name)
  const inFolder = (folder: string) => (suffix: string) => join(folder, `${name.replace(/-f(16|32)$/i, '')}-${suffix}.bin`)
  if (options.output === undefined) return inFolder(terminal.folder)
  const path = userPath(terminal, options.output)
  const isFolder = /[/\\]$/.test(options.output) || (existsSync(path) ? statSync(path).isDirectory() : !/\.\w+$/.test(path))
  if (isFolder) return inFolder(path)
  if (quants.length > 1) throw cliError('cli/usage', `${quants.length} types cannot go into one file ${options.output}; name a folder`, {})
  return () => path
}

/** Characters that are a nuisance in file names become dashes. */
export const safeName = (name: string): string => name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[.-]+/, '') || 'model'
