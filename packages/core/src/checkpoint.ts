// What a user points at, opened: raw configuration, tensors, tokenizer files. Nothing is interpreted yet.
import type { ByteSource } from './byte-source.ts'
import type { TensorSource } from './tensor-source.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/**
 * A flat listing of files with their sizes: a folder on disk, a repository on a server, or a set of Blobs.
 * Names are relative, with `/` between parts, and never leave the folder.
 */
export type Folder = {
  /** What people call it: the folder's or the repository's name, without its parents. */
  readonly name: string
  readonly files: ReadonlyMap<string, { readonly size: number }>
  /** @throws FsError when there is no such file. */
  open(name: string): Promise<ByteSource>
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
  /** The files beside the tensors: tokenizer, template, generation settings. Empty for a lone file. */
  readonly folder: Folder
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
