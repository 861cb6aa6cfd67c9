// Python's `[start:stop:step]` as a list of positions, and subscripts on template values.
// Dotted access is in `members.ts`.
import type { Budget } from './budget.ts'
import { problem } from './problem.ts'
import { hasPairs } from './python.ts'
import { pickCharacters } from './string-methods.ts'
import { sliceText } from './text.ts'
import { charactersOf, isList, isText, lengthOf, type Value } from './values.ts'

export type SliceBounds = { readonly start: number | undefined; readonly stop: number | undefined; readonly step: number | undefined }

/** `value[start:stop:step]`. @throws TemplateProblem when the value is no sequence or the step is 0 */
export function sliceValue(value: Value, bounds: SliceBounds, budget: Budget): Value {
  if (!isText(value) && !isList(value)) throw problem('only strings and lists can be sliced')
  if (isText(value)) budget.characters(value.value.length)
  const length = lengthOf(value)
  if (isText(value) && (bounds.step ?? 1) === 1) {
    const [start, stop] = forwardBounds(bounds, length)
    if (!hasPairs(value.value)) return sliceText(value, start, Math.max(start, stop))
    const characters = charactersOf(value, budget)
    const offset = (count: number) => characters.slice(0, count).reduce((sum, character) => sum + character.value.length, 0)
    return sliceText(value, offset(start), offset(Math.max(start, stop)))
  }
  const positions = slicePositions(bounds, length)
  budget.step(positions.length)
  if (isText(value)) return pickCharacters(value, positions, budget)
  return { kind: value.kind, items: positions.map((position) => value.items[position]!) }
}

function forwardBounds(bounds: SliceBounds, length: number): [start: number, stop: number] {
  return [clamp(bounds.start ?? 0, length, 0, length), clamp(bounds.stop ?? length, length, 0, length)]
}

/** CPython's `PySlice_AdjustIndices`. */
function slicePositions(bounds: SliceBounds, length: number): number[] {
  const step = bounds.step ?? 1
  if (step === 0) throw problem('slice step cannot be zero')
  const positions: number[] = []
  if (step > 0) {
    const [start, stop] = forwardBounds(bounds, length)
    for (let position = start; position < stop; position += step) positions.push(position)
  } else {
    const start = bounds.start === undefined ? length - 1 : clamp(bounds.start, length, -1, length - 1)
    const stop = bounds.stop === undefined ? -1 : clamp(bounds.stop, length, -1, length - 1)
    for (let position = start; position > stop; position += step) positions.push(position)
  }
  return positions
}

function clamp(index: number, length: number, low: number, high: number): number {
  return Math.min(Math.max(index < 0 ? index + length : index, low), high)
}
