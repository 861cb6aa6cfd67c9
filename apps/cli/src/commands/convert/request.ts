// Turns options into a request to the planner: types, recipe, overrides. Refuses what makes no sense before anything is opened for writing.
import { readFileSync } from 'node:fs'
import type { GgufRequest } from '@fs/convert/plan'
import type { Json } from '@fs/core'
import { cliError } from '../../errors.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import type { ConvertOptions } from './options.ts'

export async function readRequest(options: ConvertOptions, terminal: Terminal): Promise<Omit<GgufRequest, 'pathFor'>> {
  const quants = options.quant
    .split(',')
    .map((quant) => quant.trim())
    .filter((quant) => quant !== '')
  if (quants.length === 0) throw cliError('cli/usage', '--quant names no type; try --quant q4_0', {})
  return {
    quants,
    content: options.vocabOnly ? 'vocabulary' : 'model',
    types: {
      recipe: options.pure ? 'pure' : 'mixed',
      tensorTypes: (options.tensorType ?? []).map(patternAndType),
      ...(options.outputTensorType === undefined ? {} : { outputTensorType: options.outputTensorType }),
      ...(options.tokenEmbeddingType === undefined ? {} : { tokenEmbeddingType: options.tokenEmbeddingType }),
    },
    ...(options.splitMaxSize === undefined ? {} : { splitMaxBytes: options.splitMaxSize }),
    ...(options.pre === undefined ? {} : { pre: options.pre }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.metadata === undefined ? {} : { metadataOverrides: readOverrides(userPath(terminal, options.metadata)) }),
  }
}

function patternAndType(text: string): { readonly pattern: string; readonly type: string } {
  const equals = text.lastIndexOf('=')
  if (equals <= 0) throw cliError('cli/usage', `--tensor-type ${text}: write it as PATTERN=TYPE, e.g. attn_v=q6_k`, { value: text })
  return { pattern: text.slice(0, equals), type: text.slice(equals + 1) }
}

function readOverrides(path: string): { readonly [key: string]: Json } {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw cliError('cli/usage', `--metadata ${path} is not a JSON file that can be read`, { file: path }, cause)
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw cliError('cli/usage', `--metadata ${path} does not hold a JSON object`, { file: path })
  return value as { readonly [key: string]: Json }
}
