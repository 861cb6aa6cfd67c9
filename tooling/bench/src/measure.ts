// Runs child processes and measures them: wall time, processor time, and the peak resident size the kernel keeps for each process.
// It judges nothing and prints nothing.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Command } from './section.ts'

export type Measurement = {
  readonly seconds: number
  /** Seconds of processor time of all threads, in the program and in the kernel for it; undefined where the system does not tell. */
  readonly processorSeconds: number | undefined
  /** Largest peak of the processes run, in bytes; undefined where the system does not tell. */
  readonly peakBytes: number | undefined
  /** What the last command wrote to its standard output: the end of it. */
  readonly printed: string
}

/** How often the system is asked. It keeps sums and maxima, so only what happens in a process's last moments can be missed. */
const pollMilliseconds = 10

/**
 * Runs the commands one after the other.
 * @throws Error with the last lines a command printed, when it ends with anything but 0.
 */
export async function measure(commands: readonly Command[]): Promise<Measurement> {
  let seconds = 0
  let processorSeconds: number | undefined
  let peakBytes: number | undefined
  let printed = ''
  for (const command of commands) {
    const one = await measureOne(command)
    printed = one.printed
    seconds += one.seconds
    if (one.processorSeconds !== undefined) processorSeconds = (processorSeconds ?? 0) + one.processorSeconds
    if (one.peakBytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, one.peakBytes)
  }
  return { seconds, processorSeconds, peakBytes, printed }
}

function measureOne({ program, args, environment }: Command): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
    let peakBytes: number | undefined
    let processorSeconds: number | undefined
    const timer = setInterval(() => {
      peakBytes = peakResidentBytes(child.pid) ?? peakBytes
      processorSeconds = processorTime(child.pid) ?? processorSeconds
    }, pollMilliseconds)
    let [tail, printed] = ['', '']
    const keep = (chunk: Buffer): void => {
      tail = (tail + chunk.toString()).slice(-2000)
    }
    child.stdout.on('data', (chunk: Buffer) => {
      keep(chunk)
      printed = (printed + chunk.toString()).slice(-20_000)
    })
    child.stderr.on('data', keep)
    child.on('error', (error) => {
      clearInterval(timer)
      reject(new Error(`${program} did not start: ${error.message}`))
    })
    child.on('close', (code) => {
      clearInterval(timer)
      if (code === 0) resolve({ seconds: (performance.now() - started) / 1000, processorSeconds, peakBytes, printed })
      else reject(new Error(`${[program, ...args].join(' ')} ended with ${code}:\n${tail}`))
    })
  })
}

/** `VmHWM` of proc(5): the most memory the process has had resident, in bytes. */
function peakResidentBytes(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

/** `utime` and `stime` of proc(5), in seconds: Linux counts them in hundredths wherever programs can see them. */
function processorTime(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name, in parentheses that it may contain itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system] = [Number(fields[11]), Number(fields[12])]
    // Of a process that has ended nothing but zeros is left.
    return user + system > 0 ? (user + system) / 100 : undefined
  } catch {
    return undefined
  }
}
