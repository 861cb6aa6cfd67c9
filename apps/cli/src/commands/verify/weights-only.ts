// `verify --weights-only`: token ids, settings and every weight of two models, some rows at a time. Nothing is run, so nothing has to fit in memory.
import { BUILT_IN_TEXT, compareDescriptions, compareWeights, type Diagnosis, findings, type Verification } from '@fs/eval'
import { cliError } from '../../errors.ts'
import type { Side } from './sides.ts'

/** How long a text may be changes no number. */
const HARMLESS: ReadonlySet<string> = new Set(['contextLength'])

export async function verifyWeights(
  reference: Side,
  candidate: Side,
  signal: AbortSignal,
): Promise<Pick<Verification, 'measured' | 'holds' | 'reasons' | 'maxNmse' | 'prompts' | 'diagnosis'>> {
  if (reference.kind !== 'model' || candidate.kind !== 'model') {
    const odd = [reference, candidate].find(({ kind }) => kind !== 'model')!
    throw cliError('cli/usage', `--weights-only compares two models, and ${odd.name} shows no weights of its own`, {})
  }
  const [left, right] = [reference, candidate].map(({ tokenizer }) => tokenizer.encode(BUILT_IN_TEXT, { addSpecialTokens: true }))
  const [original, written] = [reference, candidate].map(({ opened, weights }) => ({ spec: opened.description.spec, weights }))
  const fields = compareDescriptions(original!.spec, written!.spec)
  const weights = await compareWeights(original!, written!, { signal })
  const diagnosis: Diagnosis = { fields, weights, layers: [] }
  const harmful = fields.filter(({ field }) => !HARMLESS.has(field))
  const holds = left!.join() === right!.join() && harmful.length === 0 && !weights.some(({ departs }) => departs)
  const tokens = left!.join() === right!.join() ? [] : ['the tokenizers give different ids']
  return {
    measured: 'weights',
    holds,
    reasons: holds ? [] : [...tokens, ...findings({ ...diagnosis, fields: harmful }, 0)],
    maxNmse: null,
    prompts: [],
    diagnosis,
  }
}
