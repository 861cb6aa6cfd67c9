// How numbers and tables look to people. Text only; nothing is written here.

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** 1234567 as "1.2 MB": powers of 1000, as the Hub and disks count. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`
}

/** 75 seconds as "1m 15s". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  if (seconds < 10) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`
  return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`
}

/** 1235814400 as "1.24 B". */
export function formatCount(count: number): string {
  const [factor, unit] =
    count >= 1e12 ? [1e12, 'T'] : count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : count >= 1e3 ? [1e3, 'K'] : [1, '']
  return unit === '' ? String(count) : `${Number((count / factor).toPrecision(3))} ${unit}`
}

/** Rows padded into columns; columns of numbers are aligned to the right. */
export function formatTable(rows: readonly (readonly string[])[], alignRight: ReadonlySet<number> = new Set()): string {
  const widths: number[] = []
  for (const row of rows) for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
  return rows
    .map((row) =>
      row
        .map((cell, column) => (alignRight.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Text from a file, safe to show: control characters (escape sequences among them) become visible, and long text is cut.
 * Without this a model's metadata could rewrite the reader's terminal.
 */
export function printable(text: string, limit = Number.POSITIVE_INFINITY): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text
  return shown.replace(
    /(?![\n\t])[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
