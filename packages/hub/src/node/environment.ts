// The environment variables of the Hub's tools, with their usual meaning (huggingface_hub, constants.py and utils/_auth.py).
// Command-line options that override them are the caller's.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_ENDPOINT, type HubAccess, normalizeEndpoint, normalizeToken } from '../access.ts'
import { hubError } from '../errors.ts'
import { proxyFetch } from './proxy.ts'

export type Environment = { readonly [name: string]: string | undefined }

export type HubEnvironment = {
  readonly access: HubAccess
  /** Where repositories are cached: `HF_HUB_CACHE`, or `hub` under `HF_HOME`. */
  readonly cacheFolder: string
  /** False when `HF_HUB_DISABLE_SYMLINKS` asks for plain files in snapshots. */
  readonly symlinks: boolean
}

/**
 * Reads HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, XDG_CACHE_HOME, HF_HUB_OFFLINE,
 * HF_HUB_DISABLE_SYMLINKS and the proxy variables. An empty variable counts as unset.
 * @throws FsError `hub/bad-endpoint`, `hub/bad-token` (malformed, or its file unreadable), `hub/bad-proxy`
 */
export async function readHubEnvironment(environment: Environment = process.env, home: string = homedir()): Promise<HubEnvironment> {
  const hubHome = hubHomeFolder(environment, home)
  const endpoint = normalizeEndpoint(value(environment, 'HF_ENDPOINT') ?? DEFAULT_ENDPOINT)
  const accessToken = await findToken(environment, hubHome, home)
  const fetch = await proxyFetch(environment)
  return {
    access: {
      endpoint,
      offline: isOn(environment, 'HF_HUB_OFFLINE') || isOn(environment, 'TRANSFORMERS_OFFLINE'),
      ...(accessToken === undefined ? {} : { accessToken }),
      ...(fetch === undefined ? {} : { fetch }),
    },
    cacheFolder:
      pathValue(environment, 'HF_HUB_CACHE', home) ?? pathValue(environment, 'HUGGINGFACE_HUB_CACHE', home) ?? join(hubHome, 'hub'),
    symlinks: !isOn(environment, 'HF_HUB_DISABLE_SYMLINKS'),
  }
}

function hubHomeFolder(environment: Environment, home: string): string {
  return (
    pathValue(environment, 'HF_HOME', home) ?? join(pathValue(environment, 'XDG_CACHE_HOME', home) ?? join(home, '.cache'), 'huggingface')
  )
}

async function findToken(environment: Environment, hubHome: string, home: string): Promise<string | undefined> {
  const named = value(environment, 'HF_TOKEN')?.trim() || value(environment, 'HUGGING_FACE_HUB_TOKEN')?.trim()
  if (named) return normalizeToken(named)
  const path = pathValue(environment, 'HF_TOKEN_PATH', home) ?? join(hubHome, 'token')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw hubError('hub/bad-token', `The token file ${path} cannot be read (${code}); make it readable or set HF_TOKEN`, { path })
  }
  return text.trim() === '' ? undefined : normalizeToken(text)
}

function value(environment: Environment, name: string): string | undefined {
  return environment[name] || undefined
}

/** A path variable, with `~` and `$NAME` filled in as Python's `expanduser` and `expandvars` do. */
function pathValue(environment: Environment, name: string, home: string): string | undefined {
  return value(environment, name)
    ?.replace(/^~(?=$|[/\\])/, home)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => environment[braced ?? bare ?? ''] ?? whole)
}

/** The values huggingface_hub takes for true (`ENV_VARS_TRUE_VALUES`). */
function isOn(environment: Environment, name: string): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((environment[name] ?? '').toUpperCase())
}
