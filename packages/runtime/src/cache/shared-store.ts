// The cache in buffers of our own that the session reads and writes in place: one row for each sequence, side by side.
// Rows and tokens are reserved in powers of two. Reserved but untouched memory costs address space, not memory: the system hands
// out zeroed pages when they are first written, and a row's unused tail never is.
import type { Tensor, TensorConstructor } from 'onnxruntime-common'
import { type CacheNumbers, cacheNumbers } from './cache-numbers.ts'
import type { CacheRow, CacheStore, CacheTensor } from './cache-store.ts'

const FIRST_CAPACITY = 256

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
      if (length > capacity) resize(slots.length, Math.min(limit, Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(length)))))
      const first = gather(wantedRows as readonly Row[])
      const rows = slots.slice(first, first + wantedRows.length) as readonly Row[]
      for (const row of rows) row.used = Math.max(row.used, length)
      const values = view(first, rows.length)
      return {
        rows,
        feeds: Object.fromEntries(tensors.map((tensor, index) => [tensor.past, values[index]!])),
        wanted: Object.fromEntries(tensors.map((tensor, index) => [tensor.present, values[index]!])),
      }
    },
    accept: () => {},
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
