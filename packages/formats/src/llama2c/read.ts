// Opens a checkpoint of llama2.c as a tensor source. Version 2 has its matrices as levels (`….weight`, I8) and their scales (`….scales`).
import type { ByteSource, MetadataValue, TensorInfo, TensorSource } from '@fs/core'
import { HEADER_BYTES, type Llama2cStart, parseHeader } from './header.ts'
import { bytesOf, LLAMA2C_LAYOUTS } from './layouts.ts'

export type Llama2cFile = Llama2cStart & { readonly tensors: TensorSource }

/**
 * Opens `source`; closing the tensor source closes it. Rotary tables of version 0 are left out: they follow from the header.
 * @throws FsError llama2c/not-llama2c, llama2c/version
 */
export async function readLlama2c(source: ByteSource): Promise<Llama2cFile> {
  const start = parseHeader(await source.read(0, Math.min(HEADER_BYTES, source.size)), source.size, source.name)
  const tensors = new Map<string, TensorInfo>()
  let offset = start.dataOffset
  for (const part of LLAMA2C_LAYOUTS[start.version](start.header)) {
    const { name, shape, type } = part
    const byteLength = bytesOf(part)
    if (name !== undefined) tensors.set(name, { name, type, shape, file: 0, offset, byteLength })
    offset += byteLength
  }
  return { ...start, tensors: { files: [source], tensors, close: () => source.close() } }
}

/** The header as checkpoint metadata, by llama2.c's own names: `llama2c.dim`, `llama2c.n_layers` and so on. */
export function llama2cMetadata({ version, header }: Llama2cStart): ReadonlyMap<string, MetadataValue> {
  const integers = {
    version,
    dim: header.dim,
    hidden_dim: header.hiddenDim,
    n_layers: header.layers,
    n_heads: header.heads,
    n_kv_heads: header.kvHeads,
    vocab_size: header.vocabularySize,
    max_seq_len: header.sequenceLength,
    ...(header.groupSize === null ? {} : { group_size: header.groupSize }),
  }
  const metadata = new Map<string, MetadataValue>(
    Object.entries(integers).map(([name, value]) => [`llama2c.${name}`, { type: 'INT32', value }]),
  )
  return metadata.set('llama2c.shared_classifier', { type: 'BOOL', value: header.sharedClassifier })
}
