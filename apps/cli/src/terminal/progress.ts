// Progress for people, on stderr: a bar that redraws itself on a terminal, a line per ten percent elsewhere.
import { formatBytes, formatDuration } from './format.ts'
import type { Terminal } from './terminal.ts'

export type ProgressBar = {
  /** @param done bytes so far, of `total` */
  update(done: number, total: number): void
  /** Ends the bar; what follows starts on a fresh line. */
  finish(): void
}

const SILENT: ProgressBar = { update: () => undefined, finish: () => undefined }

export function progressBar(terminal: Terminal, label: string, verbosity: 'normal' | 'quiet'): ProgressBar {
  if (verbosity === 'quiet') return SILENT
  return terminal.interactive ? redrawnBar(terminal, label) : tenthLines(terminal, label)
}

function redrawnBar(terminal: Terminal, label: string): ProgressBar {
  const started = performance.now()
  let drawn = false
  return {
    update: (done, total) => {
      const share = total > 0 ? Math.min(1, done / total) : 0
      const text = ` ${label} ${String(Math.floor(share * 100)).padStart(3)} %  ${measures(started, done, total)}`
      // A line that wraps cannot be redrawn: a narrow terminal gets a shorter bar, then none, then less of the text.
      const room = terminal.columns - 1 - text.length
      const width = room < 5 ? 0 : Math.min(30, room)
      const filled = Math.round(share * width)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`
      const words = width > 0 ? text : text.trimStart().slice(0, terminal.columns - 1)
      terminal.err(`\r${terminal.color && width > 0 ? `\u001b[36m${bar}\u001b[0m` : bar}${words}\u001b[K`)
      drawn = true
    },
    finish: () => {
      if (drawn) terminal.err('\r\u001b[K')
    },
  }
}

function tenthLines(terminal: Terminal, label: string): ProgressBar {
  const started = performance.now()
  let shown = 0
  return {
    update: (done, total) => {
      const tenth = total > 0 ? Math.floor((10 * done) / total) : 0
      if (tenth <= shown) return
      shown = tenth
      terminal.err(`${label} ${Math.min(tenth, 10) * 10} %  ${measures(started, done, total)}\n`)
    },
    finish: () => undefined,
  }
}

function measures(started: number, done: number, total: number): string {
  const seconds = (performance.now() - started) / 1000
  const rate = done / Math.max(seconds, 0.001)
  return `${formatBytes(done)} of ${formatBytes(total)}, ${formatBytes(rate)}/s, ${formatDuration((total - done) / rate)} left`
}
