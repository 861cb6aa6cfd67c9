// The cache in buffers of our own that the session reads: one row for each sequence, side by side. New tokens are put behind a row's others
// here, where the graph hands them out by themselves, and by the session, where it gives back past and new ones together.
// Rows are reserved in powers of two, tokens an eighth at a time: the operator clears as many as there is room for in each step, and
// onnxruntime-node (1.30) copies what it has written in place once more.
import type { Tensor, TensorConstructor } from 'onnxruntime-common'
import { type CacheNumbers, cacheNumbers, numbersOf } from './cache-numbers.ts'
import type { CacheRow, CacheStore, CacheTensor } from './cache-store.ts'

/** Fewest tokens that room is made for at once. */
const LEAST_GROWTH = 32

type Row = CacheRow & { slot: number; used: number }

/** @param limit tokens a row may ever hold */
export function sharedStore(tensors: readonly CacheTensor[], limit: number, TensorClass: TensorConstructor): CacheStore {
  let nextId = 0
  let slots: (Row | null)[] = []
  let capacity = 0
  let buffers: CacheNumbers[] = []
  /** Tensors over the buffers, by first slot and count; valid until the buffers change. */
  let views = new Map<string, readonly Tensor[]>()

  const rowLength = (tensor: CacheTensor, tokens: number): number => tensor.heads * tokens * tensor.dimension

  const resize = (slotCount: number, tokenCount: number): void => {
    const old = { buffers, capacity }
    buffers = tensors.map((tensor, index) => {
      const buffer = cacheNumbers(tensor.type, slotCount * rowLength(tensor, tokenCount))
      for (const row of slots) {
        if (row !== null && row.used > 0)
          copyRow(tensor, old.buffers[index]!, old.capacity, row.slot, buffer, tokenCount, row.slot, row.used)
      }
      return buffer
    })
    capacity = tokenCount
    slots = Array.from({ length: slotCount }, (_, slot) => slots[slot] ?? null)
    views = new Map()
  }

  const clear = (): void => {
    slots = []
    capacity = 0
    buffers = []
    views = new Map()
  }

  const exchange = (left: number, right: number): void => {
    const [leftRow, rightRow] = [slots[left]!, slots[right]!]
    for (const [index, tensor] of tensors.entries()) {
      const length = rowLength(tensor, capacity)
      const buffer = buffers[index]!
      const kept = rightRow === null ? null : buffer.slice(right * length, (right + 1) * length)
      if (leftRow !== null) copyRow(tensor, buffer, capacity, left, buffer, capacity, right, leftRow.used)
      if (kept !== null) copyRow(tensor, kept, capacity, 0, buffer, capacity, left, rightRow!.used)
    }
    slots[left] = rightRow
    slots[right] = leftRow
    if (leftRow !== null) leftRow.slot = right
    if (rightRow !== null) rightRow.slot = left
  }

  /** Moves rows so that these occupy neighbouring slots. @returns the first of them */
  const gather = (rows: readonly Row[]): number => {
    const taken = new Set(rows.map((row) => row.slot))
    const first = bestWindow(taken, rows.length, slots.length)
    const inside = (slot: number): boolean => slot >= first && slot < first + rows.length
    const free = Array.from({ length: rows.length }, (_, index) => first + index).filter((slot) => !taken.has(slot))
    for (const row of rows) if (!inside(row.slot)) exchange(row.slot, free.pop()!)
    return first
  }

  const view = (first: number, count: number): readonly Tensor[] => {
    const key = `${first}+${count}`
    const known = views.get(key)
    if (known !== undefined) return known
    const made = tensors.map((tensor, index) => {
      const length = rowLength(tensor, capacity)
      const part = buffers[index]!.subarray(first * length, (first + count) * length)
      return new TensorClass(tensor.type, part, [count, tensor.heads, capacity, tensor.dimension])
    })
    views.set(key, made)
    return made
  }

  return {
    batchLimit: Number.POSITIVE_INFINITY,
    open: () => {
      let slot = slots.indexOf(null)
      if (slot < 0) {
        slot = slots.length
        resize(Math.max(1, 2 * slots.length), capacity)
      }
      const row: Row = { id: nextId++, slot, used: 0 }
      slots[slot] = row
      return row
    },
    close: (row) => {
      slots[(row as Row).slot] = null
      if (slots.every((slot) => slot === null)) clear()
    },
    // What lies beyond is overwritten; nothing reads it.
    cut: (_row, length) => length,
    prepare: (wantedRows, length) => {
      if (length > capacity) resize(slots.length, roomFor(length, limit))
      const first = gather(wantedRows as readonly Row[])
      const rows = slots.slice(first, first + wantedRows.length) as readonly Row[]
      for (const row of rows) row.used = Math.max(row.used, length)
      const values = view(first, rows.length)
      return {
        rows,
        feeds: Object.fromEntries(tensors.map((tensor, index) => [tensor.past, values[index]!])),
        wanted: Object.fromEntries(tensors.map(({ output }, index) => [output.name, output.holds === 'whole' ? values[index]! : null])),
      }
    },
    accept: (rows, added, outputs) => {
      for (const [index, tensor] of tensors.entries()) {
        if (tensor.output.holds === 'whole') continue
        const numbers = numbersOf(outputs[tensor.output.name]!.data as ArrayBufferView)
        const length = added * tensor.heads * tensor.dimension
        for (const [place, { row, cached }] of rows.entries()) {
          const first = (row as Row).slot * rowLength(tensor, capacity) + cached * tensor.dimension
          appendTokens(tensor, numbers.subarray(place * length, (place + 1) * length), buffers[index]!.subarray(first), capacity)
        }
      }
    },
    dispose: clear,
  }
}

/** The stretch of `count` slots that holds most of the taken ones already. */
function bestWindow(taken: ReadonlySet<number>, count: number, slotCount: number): number {
  let best = 0
  let most = -1
  for (let first = 0; first + count <= slotCount; first++) {
    let inside = 0
    for (let slot = first; slot < first + count; slot++) if (taken.has(slot)) inside++
    if (inside > most) {
      most = inside
      best = first
    }
  }
  return best
}

/** Copies the used tokens of one row, head by head, between buffers whose rows may hold different numbers of tokens. */
function copyRow(
  tensor: CacheTensor,
  from: CacheNumbers,
  fromCapacity: number,
  fromSlot: number,
  to: CacheNumbers,
  toCapacity: number,
  toSlot: number,
  used: number,
): void {
  const { heads, dimension } = tensor
  for (let head = 0; head < heads; head++) {
    const start = (fromSlot * heads + head) * fromCapacity * dimension
    to.set(from.subarray(start, start + used * dimension), (toSlot * heads + head) * toCapacity * dimension)
  }
}

/**
 * @param tokens [token, heads, dimension]
 * @param to [heads, capacity, dimension], from the first new token of the first head on
 */
function appendTokens({ heads, dimension }: CacheTensor, tokens: CacheNumbers, to: CacheNumbers, capacity: number): void {
  for (let start = 0, token = 0; start < tokens.length; token++) {
    for (let head = 0; head < heads; head++, start += dimension)
      to.set(tokens.subarray(start, start + dimension), (head * capacity + token) * dimension)
  }
}

/** Tokens to reserve for a row of `length`. */
function roomFor(length: number, limit: number): number {
  const growth = Math.max(LEAST_GROWTH, 2 ** (Math.floor(Math.log2(length)) - 3))
  return Math.min(limit, Math.ceil(length / growth) * growth)
}
