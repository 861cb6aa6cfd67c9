// How an encoder's token vectors become one vector for each text: the fields that sentence-transformers keeps in modules beside a checkpoint, and
// GGUF in numbers. Whoever opens a checkpoint merges the modules into its configuration under `sentence_transformers`; no file is read here.
import type { JsonObject } from '@fs/core'
import type { HuggingFaceView } from './checkpoint-view.ts'
import type { Notice } from './define-arch.ts'
import { archError } from './errors.ts'
import { boolean, type Field, observed } from './fields.ts'
import type { EncoderSpec } from './spec.ts'
import { type WeightName, weight } from './weights.ts'

export type Pooling = EncoderSpec['pooling']

/** llama.cpp's `enum llama_pooling_type` (include/llama.h). */
const POOLING_TYPES = { none: 0, mean: 1, first: 2, last: 3 } as const satisfies { readonly [Name in Pooling]: number }

/** One boolean for each way, and since sentence-transformers 5 one name for all (models/Pooling.py). */
const POOLING_MODES = [
  ['mean', 'pooling_mode_mean_tokens', 'mean'],
  ['first', 'pooling_mode_cls_token', 'cls'],
  ['last', 'pooling_mode_lasttoken', 'lasttoken'],
] as const satisfies readonly (readonly [pooling: Pooling, flag: string, name: string])[]

/** From `1_Pooling/config.json`; without such a module the model gives token vectors. @throws FsError `arch/config-invalid` for other ways */
export const pooling = (): Field<Pooling> =>
  observed<Pooling>({
    fromHuggingFace: poolingOfModules,
    fromGguf: (view) =>
      (Object.keys(POOLING_TYPES) as Pooling[]).find((name) => POOLING_TYPES[name] === view.number('pooling_type')) ?? 'none',
    toHuggingFace: (type) => {
      const mode = POOLING_MODES.find(([name]) => name === type)
      return mode === undefined ? {} : { sentence_transformers: { pooling_mode: mode[2] } }
    },
    toGguf: (type) => (type === 'none' ? [] : [['pooling_type', { type: 'UINT32', value: POOLING_TYPES[type] }]]),
  })

function poolingOfModules(view: HuggingFaceView): Pooling {
  const settings = view.get('sentence_transformers')
  const entries = settings !== null && typeof settings === 'object' && !Array.isArray(settings) ? Object.entries(settings) : []
  const asked = entries.flatMap(([key, value]) =>
    key === 'pooling_mode' ? [value] : key.startsWith('pooling_mode_') && value === true ? [key] : [],
  )
  const wanted = asked.filter((mode) => mode !== null)
  if (wanted.length === 0) return 'none'
  // Both spellings may say the same.
  const found = new Set(wanted.map((mode) => POOLING_MODES.find(([, flag, name]) => mode === flag || mode === name)?.[0]))
  const [only] = found
  if (only !== undefined && found.size === 1) return only
  throw archError(
    'arch/config-invalid',
    `the Pooling module asks for ${wanted.join(' and ')}; the mean, the first or the last token are what can be carried over`,
    { key: 'sentence_transformers.pooling_mode' },
  )
}

/** Whether the vector is scaled to length one. No GGUF says it: llama.cpp leaves that to its caller. */
export const normalized = () => boolean({ huggingFace: 'sentence_transformers.normalize', missing: false, missingGguf: false })

export const normalizeNotices = ({ normalize }: { readonly normalize: boolean }): readonly Notice[] =>
  normalize
    ? [
        {
          code: 'gguf/normalize',
          message:
            'the checkpoint scales its vectors to length one, for which GGUF has no key: llama.cpp does so unless told otherwise, fartsovka embed with --normalize',
        },
      ]
    : []

export type DenseLayer = EncoderSpec['dense'][number]

const ACTIVATIONS: { readonly [name: string]: DenseLayer['activation'] } = {
  'torch.nn.modules.linear.Identity': 'identity',
  'torch.nn.modules.activation.Tanh': 'tanh',
}

/** The config.json of a Dense module. */
export const denseConfig = ({ inputSize, outputSize, bias, activation }: DenseLayer): JsonObject => ({
  in_features: inputSize,
  out_features: outputSize,
  bias,
  activation_function: Object.keys(ACTIVATIONS).find((name) => ACTIVATIONS[name] === activation)!,
})

/** llama.cpp calls the layers after sentence-transformers' folders, of which the first two hold the model and the pooling. */
const ggufDense = (index: number): string => `dense_${index + 2}`

/**
 * Linear layers after pooling, from the config.json of each Dense module.
 * @throws FsError `arch/config-invalid` for settings that no such module has
 */
export const denseLayers = (): Field<readonly DenseLayer[]> =>
  observed<readonly DenseLayer[]>({
    fromHuggingFace: denseOfModules,
    toHuggingFace: (layers) => (layers.length === 0 ? {} : { sentence_transformers: { dense: layers.map(denseConfig) } }),
    fromGguf: ({ tensors }) =>
      [0, 1].flatMap((index) => {
        const shape = tensors.get(`${ggufDense(index)}.weight`)
        return shape === undefined ? [] : [{ inputSize: shape[1] ?? 1, outputSize: shape[0]!, bias: false, activation: 'identity' }]
      }),
    toGguf: (layers) =>
      layers.flatMap(({ inputSize, outputSize }, index) => [
        [`${ggufDense(index)}_feat_in`, { type: 'UINT32', value: inputSize }],
        [`${ggufDense(index)}_feat_out`, { type: 'UINT32', value: outputSize }],
      ]),
  })

function denseOfModules(view: HuggingFaceView): readonly DenseLayer[] {
  const modules = view.get('sentence_transformers.dense')
  if (!Array.isArray(modules)) return []
  return modules.map((module: { readonly [key: string]: unknown }, index) => {
    const { in_features: inputSize, out_features: outputSize, bias = true, activation_function: name } = module
    // Dense.__init__ of sentence-transformers: a bias and a tanh unless its config.json says otherwise.
    const activation = name === undefined ? 'tanh' : Object.hasOwn(ACTIVATIONS, String(name)) ? ACTIVATIONS[String(name)] : undefined
    if (isSize(inputSize) && isSize(outputSize) && typeof bias === 'boolean' && activation !== undefined)
      return { inputSize, outputSize, bias, activation }
    throw archError(
      'arch/config-invalid',
      `the Dense module number ${index + 1} has settings that are not understood: ${JSON.stringify({ inputSize, outputSize, bias, activation: name })}`,
      { key: 'sentence_transformers.dense' },
    )
  })
}

/** `notInGguf` of architectures that llama.cpp knows without such layers. */
export const denseNotInGguf = ({ dense }: { readonly dense: readonly DenseLayer[] }): string | undefined =>
  dense.length === 0
    ? undefined
    : 'llama.cpp has no linear layers after pooling for this architecture, and without them embeddings are others'

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= 2 ** 24

/** Rows of the layers' weights. Their Hugging Face names are those whoever opens the modules gives them, in order: `dense.0.linear.weight`. */
export const denseWeights = (layers: readonly DenseLayer[]): readonly WeightName[] =>
  layers.map((_, index) => weight(`dense.${index}`, `dense.${index}.linear`, ggufDense(index)))
