// Where a conversion's files go: the path given, a folder given, or `{Model}-{QUANT}.gguf` where the person is.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { cliError } from '../../errors.ts'
import type { ResolvedModel } from '../../resolve-model.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'

export type OutputOptions = { readonly output?: string; readonly vocabOnly?: true }

/** @returns the path for a type's canonical name. `{ftype}` and `{FTYPE}` in a given path are replaced, as llama.cpp's converter does. */
export function outputPaths(
  resolved: ResolvedModel,
  quants: readonly string[],
  options: OutputOptions,
  terminal: Terminal,
): (type: string) => string {
  const fileName = (type: string) => `${modelName(resolved)}-${options.vocabOnly ? 'vocab' : type}.gguf`
  if (options.output === undefined) return (type) => join(terminal.folder, fileName(type))
  refuseStandardOutput(options)
  const path = userPath(terminal, options.output)
  const isFolder = /[/\\]$/.test(options.output) || (existsSync(path) && statSync(path).isDirectory()) || !/\.gguf$/i.test(path)
  if (isFolder) return (type) => join(path, fileName(type))
  const template = /\{(ftype|outtype|FTYPE|OUTTYPE)\}/
  if (quants.length > 1 && !template.test(path)) {
    throw cliError(
      'cli/usage',
      `${quants.length} types cannot go into one file ${options.output}; name a folder, or write {FTYPE} where the type belongs`,
      {},
    )
  }
  return (type) => path.replace(/\{(ftype|outtype)\}/g, type.toLowerCase()).replace(/\{(FTYPE|OUTTYPE)\}/g, type)
}

/** A folder named "-" is nobody's wish. @throws FsError `cli/usage` */
export function refuseStandardOutput({ output }: OutputOptions): void {
  if (output === '-') throw cliError('cli/usage', 'models are not written to standard output; name a file or a folder instead of -', {})
}

/** Types at the end of a GGUF's name, which the new type replaces. */
const TYPE_SUFFIX = /[-.](f32|f16|bf16|i?q\d+_\w+|tq\d_\d|mxfp4\w*|copy)$/i

/** Characters that are a nuisance in file names become dashes. */
export function modelName(resolved: ResolvedModel): string {
  const name = resolved.checkpoint.name
    .replace(/\.(gguf|safetensors|bin|pth?|ggml)$/i, '')
    .replace(resolved.checkpoint.container === 'gguf' ? TYPE_SUFFIX : /$^/, '')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
  return name.replace(/^[.-]+/, '') || 'model'
}
