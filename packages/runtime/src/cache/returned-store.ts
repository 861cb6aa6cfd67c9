// The cache as tensors the session returned, fed back in the next step: for sessions that do not compute in our memory.
// Rows run one at a time, since putting several together would mean copying all of them for every token.
import type { Tensor, TensorConstructor } from 'onnxruntime-common'
import type { CacheRow, CacheStore, CacheTensor } from './cache-store.ts'

type Row = CacheRow & { tensors: readonly Tensor[] }

export function returnedStore(tensors: readonly CacheTensor[], TensorClass: TensorConstructor): CacheStore {
  let nextId = 0
  const rows = new Set<Row>()
  const empty = (): readonly Tensor[] =>
    tensors.map((tensor) => new TensorClass('float32', new Float32Array(0), [1, tensor.heads, 0, tensor.dimension]))
  const free = (row: Row): void => {
    for (const tensor of row.tensors) tensor.dispose()
    row.tensors = []
  }
  return {
    batchLimit: 1,
    open: () => {
      const row: Row = { id: nextId++, tensors: empty() }
      rows.add(row)
      return row
    },
    close: (row) => {
      free(row as Row)
      rows.delete(row as Row)
    },
    prepare: (wantedRows) => {
      const row = wantedRows[0] as Row
      return {
        rows: wantedRows,
        feeds: Object.fromEntries(tensors.map((tensor, index) => [tensor.past, row.tensors[index]!])),
        wanted: Object.fromEntries(tensors.map((tensor) => [tensor.present, null])),
      }
    },
    accept: (accepted, outputs) => {
      const row = accepted[0] as Row
      free(row)
      row.tensors = tensors.map((tensor) => outputs[tensor.present]!)
    },
    dispose: () => {
      for (const row of rows) free(row)
      rows.clear()
    },
  }
}
