import { spawnSync } from 'node:child_process'
import { access, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sleep } from '../request.ts'
import { type LockTiming, withLock } from './lock.ts'

const timing: LockTiming = { heartbeat: 20, deadAfter: 150, look: 5 }
let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fartsovka-lock-'))
  path = join(folder, 'locks/a.lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A lock somebody else left or holds. */
async function leaveLock(holder: object | string) {
  await withLock(path, async () => undefined)
  await writeFile(path, typeof holder === 'string' ? holder : JSON.stringify(holder))
}

describe('a lock', () => {
  test('lets one in at a time, whoever comes', async () => {
    let inside = 0
    let most = 0
    let waited = 0
    const work = async () => {
      most = Math.max(most, ++inside)
      await sleep(10)
      inside--
    }
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work, { timing, onWait: () => waited++ })))
    expect(most).toBe(1)
    expect(waited).toBe(4)
    expect(await readdir(join(folder, 'locks'))).toEqual([])
  })

  test('is let go when the work fails', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    await expect(access(path)).rejects.toThrow()
  })

  test('is taken over at once from a process that is gone', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await leaveLock({ process: pid, host: hostname(), id: 'x' })
    const start = performance.now()
    expect(await withLock(path, async () => 'mine')).toBe('mine')
    expect(performance.now() - start).toBeLessThan(1000)
  })

  test.each([
    ['of another machine', { process: 1, host: 'elsewhere', id: 'x' }],
    ['of a process that exists but shows no life', { process: process.pid, host: hostname(), id: 'x' }],
    ['that was cut off while being written', ''],
  ])('%s is taken over after watching it', async (_case, holder) => {
    await leaveLock(holder)
    const start = performance.now()
    expect(await withLock(path, async () => 'mine', { timing })).toBe('mine')
    expect(performance.now() - start).toBeGreaterThanOrEqual(timing.deadAfter)
  })

  test('is not taken from somebody who shows signs of life', async () => {
    await leaveLock({ process: 1, host: 'elsewhere', id: 'x' })
    const heart = setInterval(() => utimes(path, new Date(), new Date()), 20)
    let entered = false
    const waiting = withLock(
      path,
      async () => {
        entered = true
      },
      { timing },
    )
    await sleep(4 * timing.deadAfter)
    expect(entered).toBe(false)
    clearInterval(heart)
    await waiting
    expect(entered).toBe(true)
  })

  test('that was lost is not removed from under its new owner', async () => {
    await withLock(path, () => writeFile(path, 'another owner'))
    expect(await readFile(path, 'utf8')).toBe('another owner')
  })

  test('is not waited for when the user stops', async () => {
    await leaveLock({ process: process.pid, host: hostname(), id: 'x' })
    const stop = new AbortController()
    const waiting = withLock(path, async () => 'mine', { signal: stop.signal })
    stop.abort(new Error('stopped'))
    await expect(waiting).rejects.toThrow('stopped')
  })
})
