// Checkpoints made up in memory: named matrices of numbers as safetensors or as any bytes, with a configuration and other files beside them.
import { type Checkpoint, DTYPES, type Dtype, type Json } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { layoutSafetensors } from '@fs/formats/safetensors'

export type Stored = { readonly dtype: Dtype; readonly shape: readonly number[]; readonly bytes: Uint8Array }

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)
export const json = (value: Json): Uint8Array => text(JSON.stringify(value))

const ARRAYS = { F32: Float32Array, I32: Int32Array, U32: Uint32Array, I8: Int8Array, U8: Uint8Array, F8_E4M3: Uint8Array } as const

/** Numbers as they are stored; of F8_E4M3 the bytes. */
export function stored(dtype: keyof typeof ARRAYS, shape: readonly number[], values: ArrayLike<number>): Stored {
  const bytes = new Uint8Array(ARRAYS[dtype].from(values).buffer)
  const expected = shape.reduce((product, size) => product * size, DTYPES[dtype].bytes)
  if (bytes.length !== expected) throw new Error(`${values.length} numbers are not ${shape.join(' x ')} of ${dtype}`)
  return { dtype, shape, bytes }
}

/** The bytes of a safetensors file. */
export function safetensorsFile(tensors: { readonly [name: string]: Stored }): Uint8Array {
  const layout = layoutSafetensors({ tensors: Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, dtype, shape })) })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const { name, offset } of layout.tensors) file.set(tensors[name]!.bytes, offset)
  return file
}

/** A folder as people download it. */
export function folderCheckpoint(
  config: { readonly [key: string]: Json },
  tensors: { readonly [name: string]: Stored },
  files: { readonly [name: string]: Uint8Array } = {},
): Promise<Checkpoint> {
  const all = { 'config.json': json(config), 'model.safetensors': safetensorsFile(tensors), ...files }
  return openCheckpoint(fileFolder('model', new Map(Object.entries(all))))
}

/** Small numbers that every float type holds exactly, other ones for every tensor. */
export function countingNumbers(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => (((index * 37 + seed * 101) % 251) - 125) / 16)
}
