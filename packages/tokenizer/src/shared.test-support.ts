// Where the reference data lies that is too large, or not ours, to keep in the repository; tests that need it skip when it is absent.
// Not part of the package.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { TokenizerFiles } from './files.ts'

const root = fileURLToPath(new URL('../../../../shared/', import.meta.url))

/** Said by tests that skip. */
export const WITHOUT_SHARED = 'needs ../shared beside the repository'

const sharedPath = (path: string) => `${root}${path}`
export const hasShared = (path: string) => existsSync(sharedPath(path))

/** Text of a file, or of the same file gzipped; undefined when neither is there. */
export function sharedText(path: string): string | undefined {
  if (hasShared(path)) return readFileSync(sharedPath(path), 'utf8')
  if (hasShared(`${path}.gz`)) return gunzipSync(readFileSync(sharedPath(`${path}.gz`))).toString('utf8')
  return undefined
}

export function sharedBytes(path: string): Uint8Array | undefined {
  return hasShared(path) ? new Uint8Array(readFileSync(sharedPath(path))) : undefined
}

const defined = <Value>(name: string, value: Value | undefined) => (value === undefined ? {} : { [name]: value })

/** The tokenizer files of a folder in ../shared. */
export function sharedFiles(folder: string): TokenizerFiles {
  const config = sharedText(`${folder}/config.json`)
  return {
    ...defined('tokenizerJson', sharedText(`${folder}/tokenizer.json`)),
    ...defined('tokenizerConfig', sharedText(`${folder}/tokenizer_config.json`)),
    ...defined('specialTokensMap', sharedText(`${folder}/special_tokens_map.json`)),
    ...defined('addedTokens', sharedText(`${folder}/added_tokens.json`)),
    ...defined('tokenizerModel', sharedBytes(`${folder}/tokenizer.model`)),
    ...defined('config', config === undefined ? undefined : JSON.parse(config)),
  }
}
