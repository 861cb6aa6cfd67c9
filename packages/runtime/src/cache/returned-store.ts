// The cache as tensors the session returned, fed back in the next step: where it stays on a device, or the graph joins old and new itself.
// Rows run one at a time, since putting several together would mean copying all of them for every token.
import type { Tensor, TensorConstructor } from 'onnxruntime-common'
import { type CacheNumbers, cacheNumbers, numbersOf } from './cache-numbers.ts'
import type { CacheRow, CacheStore, CacheTensor } from './cache-store.ts'

type Row = CacheRow & { tensors: readonly Tensor[]; length: number }

export function returnedStore(tensors: readonly CacheTensor[], TensorClass: TensorConstructor): CacheStore {
  let nextId = 0
  const rows = new Set<Row>()
  const empty = (): readonly Tensor[] =>
    tensors.map((tensor) => new TensorClass(tensor.type, cacheNumbers(tensor.type, 0), [1, tensor.heads, 0, tensor.dimension]))
  const replace = (row: Row, by: readonly Tensor[], length: number): void => {
    for (const tensor of row.tensors) tensor.dispose()
    row.tensors = by
    row.length = length
  }
  return {
    batchLimit: 1,
    open: () => {
      const row: Row = { id: nextId++, tensors: empty(), length: 0 }
      rows.add(row)
      return row
    },
    close: (row) => {
      replace(row as Row, [], 0)
      rows.delete(row as Row)
    },
    cut: (cacheRow, length) => {
      const row = cacheRow as Row
      if (length >= row.length) return row.length
      const onCpu = row.tensors.every((tensor) => tensor.location === 'cpu')
      const kept = onCpu ? length : 0
      const cut = tensors.map((tensor, index) => {
        const data = cacheNumbers(tensor.type, tensor.heads * kept * tensor.dimension)
        if (kept > 0) copyFirstTokens(tensor, numbersOf(row.tensors[index]!.data as Float32Array | Uint16Array), row.length, data, kept)
        return new TensorClass(tensor.type, data, [1, tensor.heads, kept, tensor.dimension])
      })
      replace(row, cut, kept)
      return kept
    },
    prepare: (wantedRows) => {
      const row = wantedRows[0] as Row
      return {
        rows: wantedRows,
        feeds: Object.fromEntries(tensors.map((tensor, index) => [tensor.past, row.tensors[index]!])),
        wanted: Object.fromEntries(tensors.map((tensor) => [tensor.output.name, null])),
      }
    },
    accept: ([accepted], added, outputs) => {
      replace(
        accepted!.row as Row,
        tensors.map((tensor) => asInput(outputs[tensor.output.name]!, TensorClass)),
        accepted!.cached + added,
      )
    },
    dispose: () => {
      for (const row of rows) replace(row, [], 0)
      rows.clear()
    },
  }
}

/** Halves come back as JavaScript's own, which not every backend takes in again; the same memory serves as what it was made of. */
function asInput(tensor: Tensor, TensorClass: TensorConstructor): Tensor {
  if (tensor.type !== 'float16' || tensor.location !== 'cpu') return tensor
  return new TensorClass('float16', numbersOf(tensor.data as ArrayBufferView) as Uint16Array, tensor.dims)
}

/** The first `kept` of `length` tokens, head by head. */
function copyFirstTokens({ heads, dimension }: CacheTensor, from: CacheNumbers, length: number, to: CacheNumbers, kept: number): void {
  for (let head = 0; head < heads; head++) {
    const start = head * length * dimension
    to.set(from.subarray(start, start + kept * dimension), head * kept * dimension)
  }
}
