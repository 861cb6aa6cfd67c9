// Opens one safetensors file as a tensor source. Sharded models are in `sharded.ts`.
import type { ByteSource, TensorSource } from '@fs/core'
import { readSafetensorsHeader } from './header.ts'

/**
 * Reads the header of `source`; closing the result closes it.
 * @throws FsError with a `safetensors/` code for anything malformed
 */
export async function readSafetensors(source: ByteSource): Promise<TensorSource & { readonly metadata: ReadonlyMap<string, string> }> {
  const { entries, metadata } = await readSafetensorsHeader(source)
  return {
    files: [source],
    tensors: new Map(entries.map((entry) => [entry.name, { ...entry, file: 0 }])),
    metadata,
    close: () => source.close(),
  }
}
