// A checkpoint said in Hugging Face's words or GGUF's, whatever it was stored in: what every reader in this folder gives.
// Which architecture it is has not been asked yet.
import type { Description, Notice } from '@fs/arch'
import type { Checkpoint } from '@fs/core'
import type { ModelTensor, SourceTensor } from '../source-tensor.ts'

export type ModelSource = SourceParts &
  (
    | { readonly form: 'huggingFace' | 'gguf' }
    /** A folder of our own, which describes its model itself. */
    | { readonly form: 'canonical'; readonly description: Description }
  )

type SourceParts = {
  /**
   * With a `config.json` in Hugging Face's spelling, the tokenizer as files of the folder or as `tokenizer.ggml.*` metadata, and every file
   * that tensors are read from.
   */
  readonly checkpoint: Checkpoint
  /** Under the names the form uses, in the order of the checkpoint. */
  readonly tensors: ReadonlyMap<string, ModelTensor>
  readonly notices: readonly Notice[]
}

/** @returns undefined when the checkpoint is of another kind */
export type SourceReader = (checkpoint: Checkpoint) => Promise<ModelSource | undefined>

/** Stored tensors as they are. */
export function asStored(tensors: ReadonlyMap<string, SourceTensor>): ReadonlyMap<string, ModelTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, { tensor, chain: [] }]))
}
