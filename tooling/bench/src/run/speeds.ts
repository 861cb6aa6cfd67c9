// What is measured of a running model, as a contender prints it, and the table of several.
// It measures nothing; `fartsovka.ts` and `llama-cpp.ts` beside it do, each in a process of its own.
import { gigabytes, median } from '../table.ts'

/** Tokens of the prompt whose reading is timed. */
export const PROMPT_TOKENS = 256
/** Tokens written one by one after it. */
export const WRITTEN_TOKENS = 48
/** Texts written together, behind short prompts, and how many tokens of each. */
export const BATCH = { sequences: 8, promptTokens: 64, writtenTokens: 16 } as const
/** Times everything is done in one process; the middle one counts. */
export const REPETITIONS = 3

/** One contender's figures; those that it has no way to show are left out. */
export type Speeds = {
  /** Seconds until the model can be used. */
  readonly load?: number
  /** Tokens a second, as all that follow: reading a prompt. */
  readonly prefill: number
  /** Writing one text. */
  readonly decode: number
  /** Writing eight at once, all of them together. */
  readonly batch?: number
  /** Writing one text that repeats itself, guesses looked up in it. */
  readonly lookup?: number
}

export type SpeedRow = {
  readonly title: string
  readonly contenders: readonly (
    | { readonly name: string; readonly kind: 'measured'; readonly rounds: readonly Speeds[]; readonly peakBytes: number | undefined }
    | { readonly name: string; readonly kind: 'absent'; readonly reason: string }
  )[]
}

type Figure = keyof Speeds

/** A line per contender. Beside the speed of every other one stands ours over it, for each of ours. */
export function formatSpeeds(rows: readonly SpeedRow[]): string {
  const lines = ['| model | by | load | prompt | writing | batch of 8 | look-up | peak memory |', '|---|---|---:|---:|---:|---:|---:|---:|']
  for (const { title, contenders } of rows) {
    for (const [index, contender] of contenders.entries()) {
      const start = `| ${index === 0 ? title : ''} | ${contender.name} |`
      if (contender.kind === 'absent') {
        lines.push(`${start} ${contender.reason} | | | | | |`)
        continue
      }
      const ours = contenders.filter((other) => other.kind === 'measured' && other.name.startsWith('fartsovka'))
      const compared = ours.includes(contender) ? [] : ours
      const cell = (figure: Figure): string => {
        const speed = middle(contender.rounds, figure)
        if (speed === undefined) return ''
        const ratios = compared.flatMap((other) => {
          const own = other.kind === 'measured' ? middle(other.rounds, figure) : undefined
          return own === undefined ? [] : [(own / speed).toFixed(2)]
        })
        const times = figure === 'batch' || figure === 'lookup' ? `, ×${(speed / middle(contender.rounds, 'decode')!).toFixed(1)}` : ''
        return `${speed.toFixed(1)}${times}${ratios.length === 0 ? '' : ` (${ratios.join(', ')})`}`
      }
      const load = middle(contender.rounds, 'load')
      const memory = contender.peakBytes === undefined ? 'not measured here' : gigabytes(contender.peakBytes)
      const speeds = (['prefill', 'decode', 'batch', 'lookup'] as const).map(cell)
      lines.push(`${start} ${load === undefined ? '' : `${load.toFixed(1)} s`} | ${speeds.join(' | ')} | ${memory} |`)
    }
  }
  return lines.join('\n')
}

function middle(rounds: readonly Speeds[], figure: Figure): number | undefined {
  const known = rounds.map((round) => round[figure]).filter((value) => value !== undefined)
  return known.length === 0 ? undefined : median(known)
}

/** Token ids of a prompt: no two alike, and in every run the same. */
export function promptOf(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => (index * 7919) % 128_000)
}

/** Seconds that each of so many calls takes; the middle one. */
export async function timed(times: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const seconds: number[] = []
  for (let index = 0; index < times; index += 1) {
    const started = performance.now()
    await call(index)
    seconds.push((performance.now() - started) / 1000)
  }
  return median(seconds)
}
