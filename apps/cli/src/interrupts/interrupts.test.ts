// What a conversion leaves behind when its process is killed, interrupted, doubled, or runs out of disk.
import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startHubServer } from '@fs/hub-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { writeLargeCheckpoint } from '../test-support/large-checkpoint.test-support.ts'
import { type Running, start } from '../test-support/process.test-support.ts'
import { EXAMPLE } from '../test-support/terminal.test-support.ts'

/** Slow enough to be met at work on any machine: Q4_K searches for its scales. */
const QUANT = 'q4_k_m'
const KILLS = 8

let root = ''
let model = ''
let expected: Buffer
/** Milliseconds the undisturbed conversion took. */
let duration = 0
let out = ''

const convert = (...more: string[]): Running =>
  start(['convert', model, '--quant', QUANT, '-o', out, '--no-verify', ...more], { folder: root })
const leftovers = () => readdirSync(root).filter((name) => name.startsWith('out.gguf.'))

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fartsovka-interrupts-'))
  model = join(root, 'model')
  out = join(root, 'undisturbed.gguf')
  writeLargeCheckpoint(model)
  const started = performance.now()
  expect(await convert().ended).toMatchObject({ code: 0 })
  duration = performance.now() - started
  expected = readFileSync(out)
  expect(expected.length).toBeGreaterThan(15e6)
}, 120_000)

beforeEach(() => {
  out = join(root, 'out.gguf')
  for (const name of ['out.gguf', ...leftovers()]) rmSync(join(root, name), { force: true })
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Waits until the process is at work. */
async function atWork(running: Running, on: 'writing' | 'downloading' = 'writing'): Promise<void> {
  while (!running.err().includes(on)) {
    if (running.child.exitCode !== null) throw new Error(`it ended before it was caught: ${running.err()}`)
    await pause(5)
  }
}

describe('SIGKILL', () => {
  test(`${KILLS} times at random moments: no final file is ever incomplete, and the next run finishes the work`, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = Math.random() * duration
      const running = convert('--force')
      await pause(moment)
      running.child.kill('SIGKILL')
      await running.ended
      if (existsSync(out)) expect(readFileSync(out).equals(expected), `killed after ${moment} ms`).toBe(true)
    }
    expect(await convert('--force').ended).toMatchObject({ code: 0 })
    expect(readFileSync(out).equals(expected)).toBe(true)
    expect(leftovers()).toEqual([])
  }, 180_000)

  test('in the middle of writing: what lies there does not bear the final name', async () => {
    const running = convert()
    await atWork(running)
    running.child.kill('SIGKILL')
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' })
    expect(existsSync(out)).toBe(false)
    expect(leftovers()).toContain('out.gguf.partial')
    expect(await convert().ended).toMatchObject({ code: 0 })
    expect(readFileSync(out).equals(expected)).toBe(true)
  }, 60_000)
})

describe('SIGINT', () => {
  test('ends with 130 and says how to go on; the next run goes on', async () => {
    const running = convert('--threads', '1')
    await atWork(running)
    running.child.kill('SIGINT')
    const ended = await running.ended
    expect(ended).toMatchObject({ code: 130, out: '' })
    expect(ended.err).toMatch(/error: stopped with \d+ of \d+ parts written; run the same command again to continue\n$/)
    expect(existsSync(out)).toBe(false)
    const next = await convert().ended
    expect(next).toMatchObject({ code: 0, err: expect.stringMatching(/continued a stopped conversion: \d+ parts were done already\n/) })
    expect(readFileSync(out).equals(expected)).toBe(true)
    expect(leftovers()).toEqual([])
  }, 60_000)

  test('during a download too, and the next run takes what is there', async () => {
    const files = Object.fromEntries(readdirSync(EXAMPLE).map((name) => [name, new Uint8Array(readFileSync(join(EXAMPLE, name)))]))
    const server = await startHubServer()
    try {
      server.commit('org/bard', files)
      server.misbehave({ host: 'storage', path: /./ }, { kind: 'drip', bytes: 100_000, everyMilliseconds: 100 })
      const environment = { HF_ENDPOINT: server.endpoint, HF_HUB_CACHE: join(root, 'cache') }
      const download = () => start(['convert', 'org/bard', '--quant', 'q8_0', '-o', out, '--no-verify'], { folder: root, environment })
      const running = download()
      await atWork(running, 'downloading')
      running.child.kill('SIGINT')
      expect(await running.ended).toMatchObject({ code: 130, out: '', err: expect.stringMatching(/interrupted\n$/) })
      expect(existsSync(out)).toBe(false)
      server.behave()
      server.requests.length = 0
      expect(await download().ended).toMatchObject({ code: 0 })
      const resumed = server.requests.filter(({ host, headers }) => host === 'storage' && /^bytes=[1-9]/.test(headers.range ?? ''))
      expect(resumed.length).toBeGreaterThan(0)
    } finally {
      await server.close()
    }
  }, 60_000)
})

test('a second process keeps away from an output that is being written', async () => {
  const first = convert('--threads', '1')
  await atWork(first)
  // Held still, so that it is at work for as long as the second looks.
  first.child.kill('SIGSTOP')
  const second = await convert().ended
  first.child.kill('SIGCONT')
  expect(second).toMatchObject({ code: 1, out: '' })
  expect(second.err).toMatch(new RegExp(`error: process ${first.child.pid} is writing out\\.gguf already; .*\\n$`))
  expect(await first.ended).toMatchObject({ code: 0 })
  expect(readFileSync(out).equals(expected)).toBe(true)
}, 60_000)

/** A disk of its own for the test, or the reason why there is none. */
function smallDisk(path: string, size: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('a full disk', () => {
  test.for([
    ['too small from the start: nothing is begun', '10m'],
    ['that becomes full on the way: the work is kept', '24m'],
  ] as const)('%s (skipped where tmpfs cannot be mounted)', { timeout: 60_000 }, async ([, size], context) => {
    const disk = join(root, `disk-${size}`)
    const reason = smallDisk(disk, size)
    if (reason !== undefined) return context.skip(`no tmpfs: ${reason}`)
    try {
      out = join(disk, 'out.gguf')
      if (size === '10m') {
        const refused = await convert().ended
        expect(refused).toMatchObject({ code: 1, out: '' })
        expect(refused.err).toMatch(
          /error: the output needs \d+\.\d MB in .*, but the disk has \d+\.\d MB free; make room or choose another place with -o\n$/,
        )
        expect(readdirSync(disk)).toEqual([])
        return
      }
      const running = convert('--threads', '1')
      await atWork(running)
      fill(join(disk, 'filler'))
      const full = await running.ended
      expect(full).toMatchObject({ code: 1, out: '' })
      expect(full.err).toMatch(
        /error: the disk became full while writing .*out\.gguf; make room and run the same command again to continue\n$/,
      )
      expect(existsSync(out)).toBe(false)
      rmSync(join(disk, 'filler'))
      expect(await convert().ended).toMatchObject({ code: 0, err: expect.stringContaining('continued a stopped conversion') })
      expect(readFileSync(out).equals(expected)).toBe(true)
    } finally {
      execFileSync('umount', [disk])
    }
  })
})

function fill(path: string): void {
  const file = openSync(path, 'w')
  try {
    const piece = new Uint8Array(64 * 1024)
    for (;;) writeSync(file, piece)
  } catch {
    // Full, as wanted.
  } finally {
    closeSync(file)
  }
}
