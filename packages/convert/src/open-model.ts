// A checkpoint understood: which architecture it is, what it describes, and which stored tensors are which of its weights.
// Headers and a few tiny tensors are all that is read.
import {
  type Architecture,
  type BoundWeight,
  bindWeights,
  type Description,
  ggufView,
  huggingFaceView,
  type Notice,
  type StorageForm,
} from '@fs/arch'
import type { Checkpoint, TensorInfo } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { architectureOfGguf, architectureOfHuggingFace } from '@fs/registry'
import { convertError } from './errors.ts'
import { quantizationOf } from './quantized-source.ts'
import { withSentenceTransformers } from './sentence-transformers.ts'
import type { ModelTensor } from './source-tensor.ts'
import { configuredVocabularySize, tokenizerSizeOf } from './vocabulary-size.ts'

export type OpenedModel = {
  readonly checkpoint: Checkpoint
  readonly description: Description
  /** How the checkpoint's tensors are named and laid out. */
  readonly form: StorageForm
  readonly weights: readonly BoundWeight[]
  /** Tensors by the names that `weights` uses. */
  readonly tensors: ReadonlyMap<string, ModelTensor>
  readonly notices: readonly Notice[]
}

/** GGUF tensors that are settings rather than weights. */
const SETTING_TENSORS = ['rope_freqs.weight', 'rope_factors_long.weight', 'rope_factors_short.weight'] as const

/**
 * @param architecture overrides detection (`--arch`)
 * @throws FsError when the architecture is unknown, a tensor is missing, unmapped or misshapen, or the configuration makes no sense
 */
export async function openModel(checkpoint: Checkpoint, architecture?: Architecture): Promise<OpenedModel> {
  const shapes = new Map([...checkpoint.tensors.tensors].map(([name, tensor]) => [name, tensor.shape]))
  if (shapes.size === 0)
    throw convertError('convert/no-tensors', `${checkpoint.name} holds no weights, only metadata; there is nothing to convert`, {
      file: checkpoint.name,
    })
  const { description, form } = await describe(checkpoint, shapes, architecture)
  const weights = bindWeights(description, form, shapes)
  const notices = [...description.notices, ...vocabularyNotices(checkpoint, description)]
  const tensors = new Map([...checkpoint.tensors.tensors].map(([name, tensor]) => [name, { tensor, chain: [] }]))
  return { checkpoint, description, form, weights, tensors, notices }
}

async function describe(checkpoint: Checkpoint, shapes: ReadonlyMap<string, readonly number[]>, architecture: Architecture | undefined) {
  if (checkpoint.metadata?.has('general.architecture')) {
    const view = ggufView(checkpoint.metadata, shapes, await settingTensors(checkpoint))
    return { description: (architecture ?? architectureOfGguf(view)).fromGguf(view), form: 'gguf' as const }
  }
  const { config } = checkpoint
  if (config === undefined) {
    throw convertError(
      'convert/no-configuration',
      `${checkpoint.name} has no config.json, so its architecture is unknown; point at the folder the model was published as`,
      {
        file: checkpoint.name,
      },
    )
  }
  const quantization = quantizationOf(config)
  if (quantization !== undefined) {
    throw convertError(
      'convert/quantized-source',
      `${checkpoint.name} is quantized already (${quantization.method}); convert the model it was made from${quantization.base}`,
      {
        file: checkpoint.name,
        method: quantization.method,
      },
    )
  }
  const whole = await withSentenceTransformers(config, checkpoint.folder)
  const family = architecture ?? architectureOfHuggingFace(config)
  const view = huggingFaceView(whole, shapes, family.readsTokenizerSize ? await tokenizerSizeOf(checkpoint.folder) : undefined)
  return { description: family.fromHuggingFace(view), form: 'huggingFace' as const }
}

async function settingTensors(checkpoint: Checkpoint): Promise<ReadonlyMap<string, Float32Array>> {
  const values = new Map<string, Float32Array>()
  for (const name of SETTING_TENSORS) {
    const tensor = checkpoint.tensors.tensors.get(name)
    if (tensor !== undefined) values.set(name, await readVector(checkpoint, tensor))
  }
  return values
}

async function readVector(checkpoint: Checkpoint, tensor: TensorInfo): Promise<Float32Array> {
  const codec = plainRowCodec()
  try {
    codec.input(tensor.byteLength).set(await checkpoint.tensors.files[tensor.file]!.read(tensor.offset, tensor.byteLength))
    return codec
      .decode({ from: tensor.type, rows: 1, rowLength: tensor.shape.at(-1) ?? 1, ...(tensor.bigEndian ? { bigEndian: true } : {}) })
      .slice()
  } finally {
    codec.dispose()
  }
}

/** The tensors decide; people should still know when the configuration says otherwise. */
function vocabularyNotices(checkpoint: Checkpoint, description: Description): readonly Notice[] {
  const configured = configuredVocabularySize(checkpoint.config)
  const actual = description.spec.vocabularySize
  if (configured === undefined || configured === actual) return []
  return [
    {
      code: 'convert/vocabulary-size',
      message: `config.json says ${configured} tokens, the embedding has ${actual} rows; the embedding is believed`,
    },
  ]
}
