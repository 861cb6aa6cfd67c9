// From a row of logits to a token. The stated order: logit bias, repetition penalty, presence and frequency penalty, constraint, then
// greedy or temperature, top-k, top-p, min-p and the draw (`sample.ts`). Penalties see the model's own logits, as in transformers; a
// constraint comes after them, so that nothing can lift what it forbids.
import { DEFAULT_TOP_P, type DecodingConfig } from '../config.ts'
import type { ConstraintState } from '../constrain/constraint.ts'
import { uniformAt } from '../random.ts'
import { type Adjuster, biasAdjuster, type History, occurrenceAdjuster, repetitionAdjuster } from './adjust.ts'
import { candidates, draw, type SampleSettings } from './sample.ts'
import { argmax } from './scan.ts'

/**
 * Chooses the next token. A function of its arguments alone: the draw depends on the seed and the position, not on earlier draws.
 * @param logits one row, left as it is
 * @throws FsError `decode/logits-not-finite`, `decode/nothing-allowed`
 */
export type Chooser = (logits: Float32Array, history: History, constraint: ConstraintState | undefined) => number

/** @param limit ids from here on only pad the model's rows and are never chosen */
export function createChooser(config: DecodingConfig, limit: number): Chooser {
  const adjusters = adjustersOf(config)
  const settings = sampleSettings(config)
  const seed = config.strategy === 'greedy' ? 0 : (config.seed ?? 0)
  let copy: Float32Array<ArrayBufferLike> = new Float32Array(0)
  return (logits, history, constraint) => {
    let row = logits
    if (adjusters.length > 0) {
      row = copied(logits)
      for (const adjust of adjusters) adjust(row, history)
    }
    if (settings === undefined) {
      const best = argmax(row, limit)
      if (constraint === undefined || constraint.allows(best)) return best
    }
    if (constraint !== undefined) {
      if (row === logits) row = copied(logits)
      constraint.forbid(row, limit)
    }
    if (settings === undefined) return argmax(row, limit)
    return draw(candidates(row, limit, settings), uniformAt(seed, history.tokens.length - history.promptLength))
  }

  function copied(logits: Float32Array): Float32Array {
    if (copy.length !== logits.length) copy = new Float32Array(logits.length)
    copy.set(logits)
    return copy
  }
}

function adjustersOf(config: DecodingConfig): readonly Adjuster[] {
  const { logitBias, repetitionPenalty = 1, presencePenalty = 0, frequencyPenalty = 0, penaltyWindow = Number.POSITIVE_INFINITY } = config
  return [
    ...(logitBias !== undefined && logitBias.size > 0 ? [biasAdjuster(logitBias)] : []),
    ...(repetitionPenalty !== 1 ? [repetitionAdjuster(repetitionPenalty, penaltyWindow)] : []),
    ...(presencePenalty !== 0 || frequencyPenalty !== 0 ? [occurrenceAdjuster(presencePenalty, frequencyPenalty, penaltyWindow)] : []),
  ]
}

/** Undefined for greedy. Temperatures below 1e-7 leave only the likeliest token to any distribution, and are greedy too. */
function sampleSettings(config: DecodingConfig): SampleSettings | undefined {
  if (config.strategy === 'greedy') return undefined
  const { temperature = 1, topK = 0, minP = 0 } = config
  if (temperature < 1e-7) return undefined
  return { temperature, topK, minP, topP: config.strategy === 'top-p' ? (config.topP ?? DEFAULT_TOP_P) : 1 }
}
