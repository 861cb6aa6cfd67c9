// Which bundle is meant by a model's name for the engine `litert-lm`: the file itself, or the one `convert --to litertlm` made of it here.
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ByteSource } from '@fs/core'
import { QUANTIZATIONS } from '@fs/litertlm/graph'
import { cliError } from '../errors.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'
import { openBundle } from './open-bundle.ts'

export type LocalBundle = { readonly path: string; readonly source: ByteSource }

/** The quantization that is made when none is named comes first. */
const PREFERENCE = ['dynamic_int8', ...Object.keys(QUANTIZATIONS).filter((name) => name !== 'dynamic_int8')]

/** @throws FsError `cli/no-bundle` that says how to make one */
export async function findBundle(model: string, terminal: Terminal): Promise<LocalBundle> {
  const path = userPath(terminal, model)
  if (existsSync(path) && statSync(path).isFile()) {
    const source = await openBundle(model, terminal)
    if (source !== undefined) return { path, source }
  }
  for (const candidate of candidates(model, path, terminal)) {
    const source = existsSync(candidate) ? await openBundle(candidate, terminal) : undefined
    if (source !== undefined) return { path: candidate, source }
  }
  throw cliError(
    'cli/no-bundle',
    `LiteRT-LM runs .litertlm bundles, and there is none of ${model} here; make one with: fartsovka convert ${model} --to litertlm`,
    { model },
  )
}

/** Where the person is, then beside a model that lies elsewhere, then in its folder. */
function candidates(model: string, path: string, terminal: Terminal): readonly string[] {
  const local = existsSync(path)
  const [, repository, quant] = /^[^/]+\/([^/@:]+)(?:@[^:]+)?(?::(.+))?$/.exec(model) ?? []
  const name = local ? basename(path).replace(/\.(gguf|safetensors|bin|pth?|ggml)$/i, '') : (repository ?? model)
  const wanted = quant === undefined ? PREFERENCE : PREFERENCE.filter((quantization) => quantization === quant.toLowerCase())
  const folders = [terminal.folder, ...(local ? [dirname(path), ...(statSync(path).isDirectory() ? [path] : [])] : [])]
  return folders.flatMap((folder) => wanted.map((quantization) => join(folder, `${name}-${quantization}.litertlm`)))
}
