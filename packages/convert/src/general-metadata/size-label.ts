// The size a model is called by ("1.2B", "8x7B") and the file name that follows from its metadata.
// Sources: gguf-py/gguf/utility.py and gguf_writer.py (get_total_parameter_count); ggml docs/gguf.md, naming convention.
import { elementCount } from '@fs/core'

export type ParameterCount = { readonly total: number; readonly shared: number; readonly expert: number; readonly experts: number }

/** Counts parameters over GGUF tensors (shapes outermost first); tensors of stacked experts have `_exps.` in their names. */
export function countParameters(tensors: Iterable<{ readonly name: string; readonly shape: readonly number[] }>): ParameterCount {
  let total = 0
  let shared = 0
  let expert = 0
  let expertSum = 0
  let expertTensors = 0
  for (const { name, shape } of tensors) {
    const size = elementCount(shape)
    total += size
    if (!name.includes('_exps.') || shape.length < 3) shared += size
    else {
      const experts = shape.at(name.includes('.bias') ? -2 : -3)!
      expert += Math.floor(size / experts)
      expertSum += experts
      expertTensors++
    }
  }
  return { total, shared, expert, experts: expertTensors > 0 ? Math.floor(expertSum / expertTensors) : 0 }
}

const UNITS = [
  { above: 1e12, factor: 1e-12, letter: 'T' },
  { above: 1e9, factor: 1e-9, letter: 'B' },
  { above: 1e6, factor: 1e-6, letter: 'M' },
  { above: Number.NEGATIVE_INFINITY, factor: 1e-3, letter: 'K' },
] as const

function rounded(parameters: number): string {
  const { factor, letter } = UNITS.find((unit) => parameters > unit.above) ?? UNITS[3]
  const scaled = parameters * factor
  const digits = String(roundHalfEven(scaled)).replace(/^0+/, '').length
  return `${scaled.toFixed(Math.max(2 - digits, 0))}${letter}`
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

/** "1.2B", or "8x7B" for a mixture: experts times what one of them needs. */
export function sizeLabelOf({ total, shared, expert, experts }: ParameterCount): string {
  return experts > 0 ? `${experts}x${rounded(shared + expert)}` : rounded(total)
}
