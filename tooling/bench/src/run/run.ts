// Running a converted model: reading a prompt, writing one text, eight at once, one that repeats itself; and loading, and memory.
// Each contender runs in a process of its own, and they take turns.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { realTokenizer } from '../convert.ts'
import { fartsovka, runNow } from '../fartsovka.ts'
import { makeCheckpoint } from '../make-checkpoint.ts'
import { type Measurement, measure } from '../measure.ts'
import { llamaBench } from '../rivals.ts'
import type { Command, Section, Setting } from '../section.ts'
import { formatSpeeds, PROMPT_TOKENS, REPETITIONS, type SpeedRow, type Speeds, WRITTEN_TOKENS } from './speeds.ts'

const TYPES = ['q4_0', 'q4_k_m'] as const

type Runner =
  | { readonly name: string; readonly kind: 'ready'; readonly command: Command; readonly speedsOf: (printed: string) => Speeds }
  | { readonly name: string; readonly kind: 'absent'; readonly reason: string }

/** A script beside this file, run as it stands. */
function script(file: string, ...args: readonly string[]): Command {
  return { program: process.execPath, args: [fileURLToPath(new URL(file, import.meta.url)), ...args] }
}

const asPrinted = (printed: string): Speeds => JSON.parse(printed) as Speeds

/** As our command line starts itself where Linux gives large pages on request (`apps/cli/src/large-pages.ts`). */
const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' }

type LlamaBenchEntry = { readonly n_prompt: number; readonly n_gen: number; readonly n_depth: number; readonly avg_ts: number }

/** What `llama-bench -o json` prints: the prompt and the writing, each behind nothing and behind a prompt. */
function speedsOfLlamaBench(printed: string): Speeds {
  const entries = JSON.parse(printed) as readonly LlamaBenchEntry[]
  const speed = (kind: 'n_prompt' | 'n_gen', depth: number): number => {
    const found = entries.find((entry) => entry[kind] > 0 && entry.n_depth === depth)
    if (found === undefined) throw new Error(`llama-bench printed nothing with ${kind} at ${depth}: ${printed}`)
    return found.avg_ts
  }
  return { prefill: speed('n_prompt', 0), decode: speed('n_gen', PROMPT_TOKENS) }
}

function runners(model: string, threads: number): readonly Runner[] {
  const ours = (['fastest', 'fast'] as const).map((arithmetic): Runner => {
    const command = { ...script('fartsovka.ts', model, arithmetic, String(threads)), environment: LARGE_PAGES }
    return { name: `fartsovka, ${arithmetic}`, kind: 'ready', command, speedsOf: asPrinted }
  })
  const node: Runner = {
    name: 'node-llama-cpp',
    kind: 'ready',
    command: script('llama-cpp.ts', model, String(threads)),
    speedsOf: asPrinted,
  }
  const tool = llamaBench()
  if ('missing' in tool) return [...ours, node, { name: 'llama-bench', kind: 'absent', reason: tool.missing }]
  const counts = ['-p', String(PROMPT_TOKENS), '-n', String(WRITTEN_TOKENS), '-d', `0,${PROMPT_TOKENS}`, '-r', String(REPETITIONS)]
  const command = { program: tool.path, args: ['-m', model, '-t', String(threads), ...counts, '-o', 'json'] }
  const bench = (name: string, environment: Command['environment'] = {}): Runner => ({
    name,
    kind: 'ready',
    command: { ...command, environment },
    speedsOf: speedsOfLlamaBench,
  })
  return [...ours, node, bench('llama-bench'), bench('llama-bench, large pages', LARGE_PAGES)]
}

async function measureModel(type: string, model: string, threads: number, rounds: number): Promise<SpeedRow> {
  const all = runners(model, threads)
  const measured = new Map<string, { readonly speeds: Speeds[]; readonly runs: Measurement[] }>()
  for (let round = 0; round < rounds; round += 1) {
    for (const runner of all) {
      if (runner.kind === 'absent') continue
      const run = await measure([runner.command])
      const speeds = runner.speedsOf(run.printed)
      const known = measured.get(runner.name) ?? { speeds: [], runs: [] }
      measured.set(runner.name, { speeds: [...known.speeds, speeds], runs: [...known.runs, run] })
      console.error(`${type}: ${runner.name}: prompt ${speeds.prefill.toFixed(1)}, writing ${speeds.decode.toFixed(1)} tokens/s`)
    }
  }
  const contenders = all.map((runner): SpeedRow['contenders'][number] => {
    if (runner.kind === 'absent') return runner
    const { speeds = [], runs = [] } = measured.get(runner.name) ?? {}
    const peaks = runs.map(({ peakBytes }) => peakBytes).filter((bytes) => bytes !== undefined)
    return { name: runner.name, kind: 'measured', rounds: speeds, peakBytes: peaks.length === 0 ? undefined : Math.max(...peaks) }
  })
  return { title: type.toUpperCase(), contenders }
}

async function measureAll({ folder, threads }: Setting, rounds: number): Promise<string> {
  const tokenizer = realTokenizer()
  const checkpoint = join(folder, 'llama-3.2-1b-random')
  const rows: SpeedRow[] = []
  for (const type of TYPES) {
    const model = join(folder, `llama-3.2-1b-random-${type}.gguf`)
    if (!existsSync(model)) {
      makeCheckpoint(checkpoint, { shape: 'llama-3.2-1b', sparse: false, ...(tokenizer === undefined ? {} : { tokenizer }) })
      runNow(fartsovka('convert', checkpoint, '--quant', type, '--output', model, '--quiet', '--no-verify'))
    }
    rows.push(await measureModel(type, model, threads, rounds))
  }
  return formatSpeeds(rows)
}

export const runSection: Section = {
  id: 'run',
  title: 'Running a model',
  about: `A model of 1.24 billion random weights in the shape of Llama-3.2-1B, on the processor. Speeds are tokens a second: reading a prompt of ${PROMPT_TOKENS}; writing one text behind it; writing eight texts behind prompts of 64, all together, and that over writing one (×); writing a text that repeats itself, guesses looked up in it, over writing without (×). Beside a rival's figure, in parentheses, is our speed over its speed, \`fastest\` first: above 1 we are faster. \`llama-bench\` is llama.cpp with no JavaScript around it. Ours has large pages, as the command line asks for them; llama.cpp does not by itself, so it is measured without and with them. The random weights write one token over and over, so every guess is right; look-up gains less on other texts.`,
  measure: measureAll,
}
