// Vectors of indices and of tables, which flatbuffers write from the last entry to the first.
import type { Builder, Offset } from 'flatbuffers'

export function indexVector(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(4, values.length, 4)
  for (let index = values.length - 1; index >= 0; index--) builder.addInt32(values[index]!)
  return builder.endVector()
}

export function offsetVector(builder: Builder, tables: readonly Offset[]): Offset {
  builder.startVector(4, tables.length, 4)
  for (let index = tables.length - 1; index >= 0; index--) builder.addOffset(tables[index]!)
  return builder.endVector()
}
