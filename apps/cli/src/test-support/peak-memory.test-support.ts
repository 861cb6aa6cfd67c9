// How much memory a command of a real process took, all its threads together. Linux only: nothing else tells a peak while a process runs.
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { start } from './process.test-support.ts'

/** Runs the command to its end, which must be a good one. @returns its peak in bytes */
export async function peakMemory(parameters: readonly string[], folder: string): Promise<number> {
  const running = start(parameters, { folder })
  let peak = 0
  const timer = setInterval(() => {
    try {
      const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8')) ?? []
      peak = Math.max(peak, Number(kilobytes ?? 0) * 1024)
    } catch {}
  }, 5)
  const ended = await running.ended
  clearInterval(timer)
  expect(ended).toMatchObject({ code: 0, err: '' })
  return peak
}
