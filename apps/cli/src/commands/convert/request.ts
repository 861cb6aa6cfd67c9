// Turns options into a request to the planner: types, recipe, overrides. Refuses what makes no sense before anything is opened for writing.
import type { GgufRequest } from '@fs/convert/plan'
import type { Json } from '@fs/core'
import { parseFileType } from '@fs/quant/recipes'
import { cliError } from '../../errors.ts'
import { readOptionFile, readRecipe } from '../../recipe/options.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { ConvertOptions } from './options.ts'

export async function readRequest(options: ConvertOptions, terminal: Terminal): Promise<Omit<GgufRequest, 'pathFor'>> {
  return {
    quants: quantList(options.quant),
    content: options.vocabOnly ? 'vocabulary' : 'model',
    types: await readRecipe(options, terminal),
    ...(options.splitMaxSize === undefined ? {} : { splitMaxBytes: options.splitMaxSize }),
    ...(options.pre === undefined ? {} : { pre: options.pre }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.metadata === undefined ? {} : { metadataOverrides: readOverrides(options.metadata, terminal) }),
  }
}

/** Types separated by commas, each once. @throws FsError `cli/usage` when there is none, `recipe/file-type` for one that does not exist */
export function quantList(text: string): readonly string[] {
  const quants = text
    .split(',')
    .map((quant) => quant.trim())
    .filter((quant) => quant !== '')
  if (quants.length === 0) throw cliError('cli/usage', '--quant names no type; try --quant q4_0', {})
  for (const quant of quants) if (quant.toLowerCase() !== 'auto') parseFileType(quant)
  return quants.filter((quant, index) => quants.findIndex((other) => other.toLowerCase() === quant.toLowerCase()) === index)
}

function readOverrides(file: string, terminal: Terminal): { readonly [key: string]: Json } {
  let value: unknown
  try {
    value = JSON.parse(readOptionFile(file, '--metadata', terminal))
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw cliError('cli/usage', `--metadata ${file} is not valid JSON: ${cause.message}`, { file }, cause)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw cliError('cli/usage', `--metadata ${file} does not hold a JSON object`, { file })
  return value as { readonly [key: string]: Json }
}
