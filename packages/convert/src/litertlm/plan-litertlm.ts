// Plans a LiteRT-LM bundle of a model: sizes and refusals from headers, before a byte of it is written.
// The graph is `@fs/litertlm/graph`'s; writing is in `../node/write-litertlm.ts`.
import type { Notice } from '@fs/arch'
import { layoutContainer, type SectionInput } from '@fs/litertlm/container'
import { defaultPrefillLengths, planTflite, type QuantizationName, type TfliteOptions, type TflitePlan } from '@fs/litertlm/graph'
import { type LlmMetadata, writeMetadata } from '@fs/litertlm/metadata'
import { packTokenizerJson } from '@fs/litertlm/tokenizer'
import { convertError } from '../errors.ts'
import { tokenizerFolder } from '../folder/tokenizer-files.ts'
import type { OpenedModel } from '../open-model.ts'
import { bundleMetadata } from './bundle-metadata.ts'
import type { BundleOverrides } from './overrides.ts'
import { withTiedHead } from './tied-head.ts'

/** As the reference conversions have it. */
const CACHE_LENGTH = 1280

export type LitertlmRequest = {
  readonly quantization: QuantizationName
  /** Positions of the key-value cache, prompt and answer together: at most the model's own length. Default: 1280. */
  readonly cacheLength?: number
  /** Those the cache holds are taken. Default: 8, 64, 128, 256, 512 and 1024. */
  readonly prefillLengths?: readonly number[]
  /** Default: outside the flatbuffer, at any size. Inside for older runtimes, below 2 GiB. */
  readonly weights?: TfliteOptions['weights']
  readonly overrides?: BundleOverrides
}

export type LitertlmPlan = {
  readonly quantization: QuantizationName
  /** Bytes of the finished file. */
  readonly size: number
  /** Pieces that are known already, with their offsets in the file. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Uint8Array }[]
  /** The graph with its weights, and where in the file it begins. */
  readonly tflite: { readonly offset: number; readonly plan: TflitePlan }
  readonly metadata: LlmMetadata
  readonly notices: readonly Notice[]
}

/**
 * @throws FsError `convert/not-a-decoder` for an encoder, `litertlm/not-expressible`, `litertlm/options`, `convert/tokenizer-missing`, and what the
 * tokenizer and the template refuse
 */
export async function planLitertlm(model: OpenedModel, request: LitertlmRequest): Promise<LitertlmPlan> {
  const described = model.description.spec
  if (described.kind !== 'decoder') {
    throw convertError(
      'convert/not-a-decoder',
      `${model.checkpoint.name} is an encoder; a LiteRT-LM bundle holds a model that writes text`,
      {
        model: model.checkpoint.name,
      },
    )
  }
  const { spec, notices: tied } = withTiedHead(model, described)
  const { cacheLength, prefillLengths, cut } = lengthsOf(request, spec.contextLength)
  const tflite = planTflite(spec, {
    quantization: request.quantization,
    cacheLength,
    prefillLengths,
    weights: request.weights ?? 'outside',
  })
  const folder = await tokenizerFolder(model)
  const { metadata, notices } = await bundleMetadata(model, folder, cacheLength, request.overrides ?? {})
  const metadataBytes = writeMetadata(metadata)
  const tokenizer = await packTokenizerJson(Uint8Array.from(folder.files.get('tokenizer.json')!))
  // The order of the reference conversions.
  const sections: readonly SectionInput[] = [
    { type: 'llm-metadata', size: metadataBytes.length },
    { type: 'huggingface-tokenizer', size: tokenizer.length },
    { type: 'tflite-model', size: tflite.byteLength, items: new Map([['model_type', 'tf_lite_prefill_decode']]) },
  ]
  const layout = layoutContainer(new Map([['Authors', 'Fartsovka']]), sections)
  const [metadataPlace, tokenizerPlace, tflitePlace] = layout.sections
  return {
    quantization: request.quantization,
    size: layout.size,
    pieces: [
      { offset: 0, bytes: layout.header },
      { offset: metadataPlace!.offset, bytes: metadataBytes },
      { offset: tokenizerPlace!.offset, bytes: tokenizer },
    ],
    tflite: { offset: tflitePlace!.offset, plan: tflite },
    metadata,
    notices: [...model.notices, ...tied, ...folder.notices, ...notices, ...cut],
  }
}

/** A cache is no longer than the model, and prompts are taken in no longer pieces than it. Nothing is lost by that, so it is said and done. */
function lengthsOf({ cacheLength: asked = CACHE_LENGTH, prefillLengths = [] }: LitertlmRequest, contextLength: number) {
  const cacheLength = Math.min(asked, contextLength)
  const fitting = prefillLengths.filter((length) => length <= cacheLength)
  const longer = prefillLengths.filter((length) => length > cacheLength)
  const sentences = [
    ...(asked !== CACHE_LENGTH && asked > cacheLength
      ? [`the model has ${contextLength} positions, so the cache is made for ${cacheLength} tokens, not ${asked}`]
      : []),
    ...(longer.length > 0 ? [`prefill lengths beyond the cache of ${cacheLength} tokens are left out: ${longer.join(', ')}`] : []),
  ]
  return {
    cacheLength,
    prefillLengths: fitting.length > 0 ? fitting : defaultPrefillLengths(cacheLength),
    cut: sentences.map((message): Notice => ({ code: 'convert/bundle-length', message })),
  }
}
