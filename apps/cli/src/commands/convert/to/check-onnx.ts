// The end of a conversion to ONNX: each model file is opened as others will open it, and its results are held against the original's with
// weights of the same types. Whether these types cost too much is for `perplexity` and `kl-divergence` to say.
import type { ModelSpec } from '@fs/arch'
import { modelWeights, type OpenedModel } from '@fs/convert'
import type { GgufPlan } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { BUILT_IN_TEXT, compareLogits, promptLengths } from '@fs/eval'
import type { WeightReader } from '@fs/onnx'
import { openEmbeddingModel, openLanguageModel } from '@fs/runtime'
import { openExportedLanguage, openExportedVectors } from '../../../engine/exported-model.ts'
import { localBackend } from '../../../engine/local-backend.ts'
import { tokenizerOf } from '../../../engine/text-model.ts'
import { openLocal } from '../../../open-local.ts'
import { formatBytes } from '../../../terminal/format.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import type { Check } from '../check.ts'
import type { ConvertOptions } from '../options.ts'
import { type BlockTypes, blockTypesOf, withBlockTypes } from './block-types.ts'

/** Both are held while they are compared, and a conversion promises to stay under 400 MB. */
const MOST_BYTES = 128 * 1024 ** 2
/** What remains of the same numbers in another order of additions; of halves; of activations rounded to 8 bits, which random weights amplify (measured: up to 8e-4). */
const LIMITS = { F32: 1e-6, F16: 1e-4, blocks: 5e-3 } as const
/** Tokens of the longest prompt. */
const MOST_TOKENS = 600

export async function checkOnnx(
  name: string,
  model: OpenedModel,
  { plan, outputs }: GgufPlan,
  options: ConvertOptions,
  terminal: Terminal,
): Promise<readonly Check[]> {
  if (!options.verify) return []
  if (options.remote) return [{ kind: 'skipped', reason: 'the model is read by ranges, and would be read twice' }]
  const values = plan.jobs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
  const files = outputs.map(({ type, paths }) => ({ type, path: paths.find((path) => path.endsWith('.onnx'))! }))
  if (values * 4 > MOST_BYTES) {
    const how = `fartsovka verify ${files[0]!.path} --reference ${name}`
    return [{ kind: 'skipped', reason: `running both models takes ${formatBytes(values * 8)} of memory; to check, run: ${how}` }]
  }
  const checks: Check[] = []
  for (const [index, { type, path }] of files.entries()) {
    terminal.signal.throwIfAborted()
    checks.push(await checkFile(model, path, type, blockTypesOf(plan, outputs[index]!), options))
  }
  return checks
}

async function checkFile(model: OpenedModel, path: string, type: string, types: BlockTypes, options: ConvertOptions): Promise<Check> {
  const { spec } = model.description
  const { threads, contextLength } = options
  const exported = await openLocal(path)
  try {
    const prompts = await promptsOf(model, exported, { ...spec, contextLength: contextLength ?? spec.contextLength })
    const weights = await withBlockTypes(modelWeights(model), spec, types)
    const expected = await resultsOf(spec, weights, prompts.tokens, threads)
    const actual = await exportedResults(spec, exported, prompts.tokens, threads)
    const width = spec.kind === 'decoder' ? spec.vocabularySize : spec.hiddenSize
    const nmse = Math.max(...expected.map((rows, index) => compareLogits(rows, actual[index]!, width).nmse))
    const halves = /_(q4)?fp?16\.onnx$/.test(path)
    const limit = types.size > 0 ? LIMITS.blocks : halves ? LIMITS.F16 : LIMITS.F32
    const reasons = [...prompts.differences, ...(nmse <= limit ? [] : [`NMSE ${nmse.toExponential(2)} is above ${limit.toExponential(0)}`])]
    const tokens = prompts.tokens.reduce((sum, prompt) => sum + prompt.length, 0)
    return { kind: 'done', path, type, holds: reasons.length === 0, reasons, nmse, tokens }
  } finally {
    await exported.close()
  }
}

/** The tokens of the built-in text at the lengths that matter to the model, by both tokenizers. */
async function promptsOf(model: OpenedModel, exported: Checkpoint, spec: ModelSpec) {
  const [theirs, mine] = [await tokenizerOf(model.checkpoint), await tokenizerOf(exported)]
  const encode = ({ encode: encoded }: typeof mine) => encoded(BUILT_IN_TEXT.repeat(8), { addSpecialTokens: true })
  const [wanted, found] = [encode(theirs), encode(mine)]
  const first = wanted.findIndex((token, index) => token !== found[index])
  const differences =
    first >= 0 || wanted.length !== found.length ? [`the tokenizers differ from token ${first < 0 ? wanted.length : first} on`] : []
  const lengths = [...new Set(promptLengths(spec).map((length) => Math.min(length, MOST_TOKENS)))]
  return { differences, tokens: lengths.map((length) => wanted.slice(0, length)) }
}

async function resultsOf(spec: ModelSpec, weights: WeightReader, prompts: readonly (readonly number[])[], threads: number | undefined) {
  const backend = await localBackend(threads)
  if (spec.kind === 'encoder') {
    return vectors(await openEmbeddingModel({ spec: { ...spec, pooling: 'none' }, weights, backend, arithmetic: 'exact' }), prompts)
  }
  const contextLength = Math.min(spec.contextLength, MOST_TOKENS)
  // Rounded activations may send a token to another expert, where both sides then have to go.
  const routes = spec.layers.some(({ feedForward }) => feedForward.kind === 'mixture')
  const arithmetic = routes ? 'fast' : 'exact'
  return logits(await openLanguageModel({ spec, weights, backend, arithmetic, contextLength }), prompts)
}

async function exportedResults(
  spec: ModelSpec,
  exported: Checkpoint,
  prompts: readonly (readonly number[])[],
  threads: number | undefined,
) {
  const options = threads === undefined ? {} : { threads }
  if (spec.kind === 'encoder') return vectors(await openExportedVectors(exported, options), prompts)
  return logits(await openExportedLanguage(exported, options), prompts)
}

async function logits(model: Awaited<ReturnType<typeof openLanguageModel>>, prompts: readonly (readonly number[])[]) {
  try {
    const results: Float32Array[] = []
    for (const tokens of prompts) {
      const sequence = model.createSequence()
      // All but one at once, then one more: a prompt, and a step after it.
      const before = tokens.slice(0, -1)
      const rows = before.length > 0 ? await model.prefill({ sequence, tokens: before }, 'last') : new Float32Array()
      const [last] = await model.step([{ sequence, tokens: tokens.slice(-1) }])
      results.push(Float32Array.of(...rows, ...last!))
      sequence.dispose()
    }
    return results
  } finally {
    await model.dispose()
  }
}

async function vectors(model: Awaited<ReturnType<typeof openEmbeddingModel>>, prompts: readonly (readonly number[])[]) {
  try {
    const results: Float32Array[] = []
    for (const tokens of prompts) results.push(await model.tokenVectors(tokens))
    return results
  } finally {
    await model.dispose()
  }
}
