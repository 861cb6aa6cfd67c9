// What a user points at, opened: raw configuration, tensors, tokenizer files. Nothing is interpreted yet.
import type { TensorSource } from './tensor-source.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** A small file that travels with a checkpoint (tokenizer, template, generation settings), read on demand. */
export type SideFiles = {
  /** Names relative to the checkpoint's folder, with `/` between parts. */
  readonly names: readonly string[]
  /** The whole file, or undefined when there is none of that name. */
  read(name: string): Promise<Uint8Array | undefined>
}

export type Checkpoint = {
  /** What people call it: folder name, repository name or file stem. Feeds `general.name`. */
  readonly name: string
  /** Which reader opened it. */
  readonly container: string
  /** The configuration in Hugging Face's spelling when the container has one (`config.json`), else absent. */
  readonly config?: JsonObject
  /** Metadata of a container that describes itself (GGUF), keyed by name. */
  readonly metadata?: ReadonlyMap<string, MetadataValue>
  readonly tensors: TensorSource
  readonly files: SideFiles
  close(): Promise<void>
}

/** A GGUF metadata value with the type it was, or is to be, written as. Names of `enum gguf_type`. */
export type MetadataValue =
  | { readonly type: 'UINT8' | 'INT8' | 'UINT16' | 'INT16' | 'UINT32' | 'INT32' | 'FLOAT32' | 'FLOAT64'; readonly value: number }
  | { readonly type: 'UINT64' | 'INT64'; readonly value: bigint }
  | { readonly type: 'BOOL'; readonly value: boolean }
  | { readonly type: 'STRING'; readonly value: string }
  | MetadataArray

export type MetadataArray =
  | {
      readonly type: 'ARRAY'
      readonly of: 'UINT8' | 'INT8' | 'UINT16' | 'INT16' | 'UINT32' | 'INT32' | 'FLOAT32' | 'FLOAT64'
      readonly value: ArrayLike<number>
    }
  | { readonly type: 'ARRAY'; readonly of: 'UINT64' | 'INT64'; readonly value: readonly bigint[] }
  | { readonly type: 'ARRAY'; readonly of: 'BOOL'; readonly value: readonly boolean[] }
  | { readonly type: 'ARRAY'; readonly of: 'STRING'; readonly value: readonly string[] }
  | { readonly type: 'ARRAY'; readonly of: 'ARRAY'; readonly value: readonly MetadataArray[] }
