// Where two descriptions of a model say different things: a rope base, a norm's epsilon, a window. Weights are `compare-weights.ts`'s.
import type { ModelSpec } from '@fs/arch'

export type FieldDifference = {
  /** `layers.3.attention.position.base`. */
  readonly field: string
  readonly reference: string
  readonly candidate: string
  /** Layers the same difference is in, where it is in several. */
  readonly layers: readonly number[]
}

/** Numbers from files of less precision count as equal. */
const RELATIVE_TOLERANCE = 1e-6

/** Differences in the order of the reference's fields; the same one in several layers is told once. */
export function compareDescriptions(reference: ModelSpec, candidate: ModelSpec): readonly FieldDifference[] {
  const found = new Map<string, { field: string; reference: string; candidate: string; layers: number[] }>()
  for (const [field, left, right] of differences(reference, candidate, '')) {
    const layer = /^layers\.(\d+)\./.exec(field)
    const key = `${field.replace(/^layers\.\d+\./, 'layers.#.')} ${left} ${right}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { field, reference: left, candidate: right, layers: layer === null ? [] : [Number(layer[1])] })
    else if (layer !== null) known.layers.push(Number(layer[1]))
  }
  return [...found.values()]
}

function* differences(left: unknown, right: unknown, path: string): Generator<readonly [string, string, string]> {
  if (isRecord(left) && isRecord(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      yield* differences(left[key], right[key], path === '' ? key : `${path}.${key}`)
    return
  }
  if (typeof left === 'number' && typeof right === 'number') {
    if (Math.abs(left - right) <= RELATIVE_TOLERANCE * Math.max(Math.abs(left), Math.abs(right))) return
  } else if (left === right) return
  yield [path, show(left), show(right)]
}

/** Lists count as records of their indices. */
function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
