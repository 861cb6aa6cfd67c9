// One process at a time downloads a blob; others wait and then find it in the cache.
// The lock saves bandwidth and nothing depends on it: two writers of the same blob write the same bytes at the same places, and
// each checks the hash. Node has no flock, so a lock is a file whose owner keeps touching it.
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { sleep } from '../request.ts'

export type LockTiming = {
  /** Milliseconds between signs of life. */
  readonly heartbeat: number
  /** Watching a lock this long without a sign of life frees it. Longer than any pause of a busy machine. */
  readonly deadAfter: number
  /** Milliseconds between two looks at a lock. */
  readonly look: number
}

const LOCK_TIMING: LockTiming = { heartbeat: 5_000, deadAfter: 60_000, look: 250 }

/**
 * Waits for the lock at `path`, runs `work` and lets go. A lock whose process is gone from this machine, or that shows no sign of
 * life for `timing.deadAfter`, is taken over.
 * @param onWait called once when somebody else holds the lock
 */
export async function withLock<Value>(
  path: string,
  work: () => Promise<Value>,
  options: { readonly signal?: AbortSignal; readonly onWait?: () => void; readonly timing?: LockTiming } = {},
): Promise<Value> {
  const timing = options.timing ?? LOCK_TIMING
  const owner = JSON.stringify({ process: process.pid, host: hostname(), id: randomUUID() })
  await mkdir(dirname(path), { recursive: true })
  await acquire(path, owner, timing, options)
  const heart = setInterval(() => {
    const now = new Date()
    // Failing to show life is harmless: at worst somebody else downloads the same bytes.
    utimes(path, now, now).catch(() => undefined)
  }, timing.heartbeat)
  heart.unref()
  try {
    return await work()
  } finally {
    clearInterval(heart)
    if ((await readOwner(path)) === owner) await rm(path, { force: true })
  }
}

async function acquire(
  path: string,
  owner: string,
  timing: LockTiming,
  { signal, onWait }: { signal?: AbortSignal; onWait?: () => void },
): Promise<void> {
  let watched: { readonly sign: string; readonly since: number } | undefined
  for (let waited = false; ; waited = true) {
    if (await create(path, owner)) return
    if (!waited) onWait?.()
    const holder = await readOwner(path)
    const sign = `${holder} ${await lastSign(path)}`
    if (watched?.sign !== sign) watched = { sign, since: performance.now() }
    if (isGone(holder) || performance.now() - watched.since > timing.deadAfter) await takeAway(path, holder)
    else await sleep(timing.look, signal)
  }
}

async function create(path: string, owner: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o664)
    await file.writeFile(owner)
    await file.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}

async function lastSign(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )
}

/** True when the lock names a process of this machine that no longer runs. */
function isGone(holder: string | undefined): boolean {
  try {
    const { process: pid, host } = JSON.parse(holder ?? '') as { process?: unknown; host?: unknown }
    if (typeof pid !== 'number' || host !== hostname()) return false
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Removes a dead lock, unless somebody was faster: the file is moved aside first and put back if it turns out to be alive. */
async function takeAway(path: string, holder: string | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return
  }
  if ((await readOwner(aside)) !== holder) await rename(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}
