// Puts the weights of a model that will run on large pages, where Linux does so only for programs that ask for it.
// Nothing depends on it: where it cannot be done, everything runs as it is.
import { readFileSync } from 'node:fs'

/** Commands that do more than a moment's computing with a model. */
const RUNNING: ReadonlySet<string> = new Set([
  'run',
  'chat',
  'embed',
  'logits',
  'perplexity',
  'kl-divergence',
  'imatrix',
  'verify',
  'release',
])

/** Linux: `always [madvise] never`. */
const SETTING = '/sys/kernel/mm/transparent_hugepage/enabled'

/** glibc 2.35 and later ask for every large block (`man 3 mallopt`, "Tunables"); others know nothing of it. */
const TUNABLE = 'glibc.malloc.hugetlb'

type Environment = { readonly [name: string]: string | undefined }

/**
 * The environment in which memory comes in large pages, for a command that runs models; null where it makes no difference, or is said already.
 * Writing a token reads every weight once, and with pages of 4 kB the translation of addresses holds that up: 1.01 GB read at 30 to 35 GB/s by two
 * threads, at 36 with pages of 2 MB. A token of Q4_0 took 30.0 ms instead of 31.8, and in its fastest tenth 28.3 instead of 31.2 (the middle ones of
 * seven processes each, taking turns; AMD EPYC).
 *
 * @param setting what Linux says of large pages; null where it says nothing
 */
export function withLargePages(command: string | undefined, environment: Environment, setting: string | null): Environment | null {
  const tunables = environment.GLIBC_TUNABLES
  if (command === undefined || !RUNNING.has(command) || tunables?.includes(TUNABLE) || !setting?.includes('[madvise]')) return null
  return { ...environment, GLIBC_TUNABLES: tunables ? `${tunables}:${TUNABLE}=1` : `${TUNABLE}=1` }
}

/**
 * Starts this process anew in that environment, since it is read once, when a program begins: same process number, same streams, 30 ms. Call it before
 * anything is read or written. It returns where there is nothing to gain, and under a Node that cannot do it (before 22.15).
 */
export function useLargePages(process: NodeJS.Process): void {
  if (process.platform !== 'linux' || process.execve === undefined) return
  const environment = withLargePages(process.argv[2], process.env, largePageSetting())
  if (environment === null) return
  try {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], environment)
  } catch {
    // Forbidden here, as under Node's permissions.
  }
}

function largePageSetting(): string | null {
  try {
    return readFileSync(SETTING, 'utf8')
  } catch {
    return null
  }
}
