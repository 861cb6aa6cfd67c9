// Turns options into a request to the planner: types, recipe, overrides. Refuses what makes no sense before anything is opened for writing.
import type { GgufRequest } from '@fs/convert/plan'
import type { Json } from '@fs/core'
import { cliError } from '../../errors.ts'
import { readOptionFile } from '../../recipe/options.ts'
import { type RequestedTypes, requestedTypes } from '../../recipe/requested-types.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { ConvertOptions } from './options.ts'

export type ConvertRequest = { readonly requested: RequestedTypes; readonly gguf: Omit<GgufRequest, 'pathFor' | 'quants' | 'types'> }

export async function readRequest(options: ConvertOptions, terminal: Terminal): Promise<ConvertRequest> {
  const requested = await requestedTypes(options, 'auto', terminal)
  if (requested.budget !== undefined && options.vocabOnly)
    throw cliError('cli/usage', 'a file with a vocabulary only has no tensors to choose types for; leave --fit and --bits out', {})
  const gguf = {
    content: options.vocabOnly ? 'vocabulary' : 'model',
    ...(options.splitMaxSize === undefined ? {} : { splitMaxBytes: options.splitMaxSize }),
    ...(options.pre === undefined ? {} : { pre: options.pre }),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.metadata === undefined ? {} : { metadataOverrides: readOverrides(options.metadata, terminal) }),
  } as const
  return { requested, gguf }
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
  const other = Object.keys(value).find((key) => !key.startsWith('general.'))
  if (other !== undefined) {
    throw cliError(
      'cli/usage',
      `--metadata ${file} has ${other}, but describes the model only (general.*); change any other key of the GGUF with fartsovka quantize --override-kv`,
      { file, key: other },
    )
  }
  return value as { readonly [key: string]: Json }
}
