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
  type TensorShapes,
} from '@fs/arch'
import type { Checkpoint, TensorInfo } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { architectureOfGguf, architectureOfHuggingFace } from '@fs/registry'
import { type ModelTensor, shapeOf } from './source-tensor.ts'
import { mergeAdapter } from './sources/adapter/merge-adapter.ts'
import type { ModelSource } from './sources/model-source.ts'
import { readSource } from './sources/read-source.ts'
import { configuredVocabularySize, tokenizerSizeOf } from './vocabulary-size.ts'

export type OpenedModel = {
  /** In the words of `form`: what was stored otherwise has a `config.json` here, and its tokenizer as files or GGUF metadata. */
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

export type OpenOptions = {
  /** Overrides detection (`--arch`). */
  readonly architecture?: Architecture
  /** A PEFT LoRA adapter to merge (`--adapter`); it has to stay open as long as the model. */
  readonly adapter?: Checkpoint
}

/**
 * @throws FsError when the architecture is unknown, a tensor is missing, unmapped or misshapen, or the configuration makes no sense
 */
export async function openModel(stored: Checkpoint, options: OpenOptions = {}): Promise<OpenedModel> {
  const source = await readSource(stored)
  const { checkpoint, form, tensors, notices } = source
  const shapes = new Map([...tensors].map(([name, tensor]) => [name, shapeOf(tensor)]))
  const description =
    source.form === 'canonical' ? source.description : await describe(checkpoint, source.form, shapes, options.architecture)
  const weights = bindWeights(description, form, shapes)
  const all = [...notices, ...description.notices, ...vocabularyNotices(checkpoint, description)]
  const model = { checkpoint, description, form, weights, tensors, notices: all }
  return options.adapter === undefined ? model : mergeAdapter(model, options.adapter)
}

async function describe(
  checkpoint: Checkpoint,
  form: Exclude<ModelSource['form'], 'canonical'>,
  shapes: TensorShapes,
  architecture: Architecture | undefined,
): Promise<Description> {
  switch (form) {
    case 'gguf': {
      const view = ggufView(checkpoint.metadata ?? new Map(), shapes, await settingTensors(checkpoint))
      return (architecture ?? architectureOfGguf(view)).fromGguf(view)
    }
    case 'huggingFace': {
      const config = checkpoint.config ?? {}
      const family = architecture ?? architectureOfHuggingFace(config)
      return family.fromHuggingFace(
        huggingFaceView(config, shapes, family.readsTokenizerSize ? await tokenizerSizeOf(checkpoint.folder) : undefined),
      )
    }
    default:
      return form satisfies never
  }
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
