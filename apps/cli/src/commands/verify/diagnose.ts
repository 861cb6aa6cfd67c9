// When a verification does not hold: runs both sides layer by layer, reads their settings and weights, and names what departs.
import { compareDescriptions, compareLayerInputs, compareWeights, type Diagnosis } from '@fs/eval'
import { decoderAsEncoder, openLayerInputs } from '@fs/runtime'
import { localBackend } from '../../engine/local-backend.ts'
import type { ModelSide } from './sides.ts'

/** Tokens are enough to see positions matter, and few enough to hold what every layer read. */
const MOST_TOKENS = 64

/** @param tokens of the prompt that differed most */
export async function diagnose(
  reference: ModelSide,
  candidate: ModelSide,
  tokens: readonly number[],
  options: { readonly threads?: number; readonly signal: AbortSignal },
): Promise<Diagnosis> {
  const sideOf = ({ opened, weights }: ModelSide) => ({ spec: opened.description.spec, weights })
  const [left, right] = [sideOf(reference), sideOf(candidate)]
  const fields = compareDescriptions(left.spec, right.spec)
  const weights = await compareWeights(left, right, { signal: options.signal })
  const some = tokens.slice(0, Math.min(MOST_TOKENS, left.spec.contextLength, right.spec.contextLength))
  const inputs = [await layerInputs(reference, some, options.threads), await layerInputs(candidate, some, options.threads)] as const
  return { fields, weights, layers: compareLayerInputs(...inputs) }
}

async function layerInputs({ opened, weights }: ModelSide, tokens: readonly number[], threads: number | undefined) {
  const { spec } = opened.description
  const model = await openLayerInputs({
    spec: spec.kind === 'decoder' ? decoderAsEncoder(spec, 'none', false) : { ...spec, pooling: 'none' },
    weights,
    backend: await localBackend(threads),
  })
  try {
    return await model.run(tokens)
  } finally {
    await model.dispose()
  }
}
