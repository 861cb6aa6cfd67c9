// Finds out what kind of checkpoint this is and has it read: the list of all kinds, the surest signs first.
import type { Checkpoint } from '@fs/core'
import { convertError } from '../errors.ts'
import { withSentenceTransformers } from '../sentence-transformers.ts'
import { readGgml } from './ggml.ts'
import { readLlama2c } from './llama2c.ts'
import { looksLikeMeta, readMeta } from './meta.ts'
import { asStored, type ModelSource, type SourceReader } from './model-source.ts'
import { readNanoGpt } from './nanogpt.ts'
import { declaredQuantization, quantizationBeside } from './quantized/declared.ts'
import { readQuantized } from './quantized/read-quantized.ts'
import { readUnified } from './unified.ts'

const READERS: readonly SourceReader[] = [readUnified, readGguf, readLlama2c, readGgml, readMeta, readNanoGpt, readHuggingFace]

/** @throws FsError `convert/no-tensors`, `convert/no-configuration`, and what the readers refuse */
export async function readSource(checkpoint: Checkpoint): Promise<ModelSource> {
  const { name } = checkpoint
  if (checkpoint.container === 'onnx') {
    throw convertError('convert/exported', `${name} is an ONNX model, which is run and not converted; convert the model it was made from`, {
      file: name,
    })
  }
  if (checkpoint.tensors.tensors.size === 0)
    throw convertError('convert/no-tensors', `${name} holds no weights, only metadata; there is nothing to convert`, { file: name })
  for (const read of READERS) {
    const source = await read(checkpoint)
    if (source !== undefined) return source
  }
  throw convertError('convert/no-configuration', `${name} ${missingIn(checkpoint)}`, { file: name })
}

/** What would make a model of it; completes a sentence that begins with the name. */
function missingIn({ folder, tensors, name }: Checkpoint): string {
  if (folder.files.has('adapter_config.json'))
    return `is an adapter, not a model; convert the model it was trained on with --adapter ${name}`
  if (looksLikeMeta(tensors))
    return 'has the tensors of a Meta checkpoint but no params.json beside it; copy that file from where the weights are from'
  return 'has no config.json, so its architecture is unknown; point at the folder the model was published as'
}

async function readGguf(checkpoint: Checkpoint): Promise<ModelSource | undefined> {
  if (!checkpoint.metadata?.has('general.architecture')) return undefined
  return { checkpoint, form: 'gguf', tensors: asStored(checkpoint.tensors.tensors), notices: [] }
}

async function readHuggingFace(stored: Checkpoint): Promise<ModelSource | undefined> {
  if (stored.config === undefined) return undefined
  const { config, tensors } = await withSentenceTransformers({ config: stored.config, tensors: stored.tensors.tensors }, stored.folder)
  const checkpoint: Checkpoint = { ...stored, config, tensors: { ...stored.tensors, tensors } }
  const declared = declaredQuantization(config) ?? (await quantizationBeside(checkpoint))
  if (declared !== undefined) return readQuantized(checkpoint, config, declared)
  return { checkpoint, form: 'huggingFace', tensors: asStored(tensors), notices: [] }
}
