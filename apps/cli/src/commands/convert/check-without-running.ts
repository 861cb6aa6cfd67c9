// The end of a conversion too large to be run twice within its memory: token ids, settings and rows of every weight, held against the original.
// Logits need a model in memory; they are `verify`'s, and the sentence says how.
import { modelWeights, openModel } from '@fs/convert'
import { BUILT_IN_TEXT, compareDescriptions, compareWeights, type FieldDifference, findings } from '@fs/eval'
import { tokenizerOf } from '../../engine/text-model.ts'
import { resolveModel } from '../../resolve-model.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { CheckOptions } from './check.ts'
import { collectGarbage } from './small-heap.ts'

export type CheckWithoutRunning = {
  readonly kind: 'not run'
  readonly holds: boolean
  readonly path: string
  readonly type: string
  readonly reasons: readonly string[]
  readonly tokens: number
  /** What running them takes, and the command. */
  readonly howToRun: string
}

type LargeOutputs = {
  readonly reference: string
  readonly outputs: readonly { readonly path: string; readonly type: string }[]
  readonly memory: string
  isExplained(difference: FieldDifference): boolean
}

/** Weights of each tensor: of a model of 1.24 billion, 30 million in all, which takes less than two seconds. */
const SAMPLE = 1 << 18

/** @throws FsError when the original or an output cannot be opened */
export async function checkWithoutRunning(
  { reference, outputs, memory, isExplained }: LargeOutputs,
  options: CheckOptions,
  terminal: Terminal,
): Promise<readonly CheckWithoutRunning[]> {
  // What planning left behind, a vocabulary among it, is not needed any more.
  collectGarbage()
  const original = await openSide(reference, options, terminal)
  try {
    const checks: CheckWithoutRunning[] = []
    for (const { path, type } of outputs) {
      const written = await openSide(path, {}, terminal)
      try {
        const differences = compareDescriptions(original.spec, written.spec)
        const fields = differences.filter((difference) => !isExplained(difference))
        const weights = await compareWeights(original, written, { signal: terminal.signal, sample: SAMPLE })
        const departs = weights.some((weight) => weight.departs)
        const reasons = [
          ...(original.ids.join() === written.ids.join() ? [] : ['the tokenizers give different ids']),
          ...fields.map(fieldInWords),
          ...(departs ? findings({ fields: [], layers: [], weights }, 0) : []),
        ]
        const howToRun = `${memory}: fartsovka verify ${path} --reference ${reference}`
        checks.push({ kind: 'not run', holds: reasons.length === 0, path, type, reasons, tokens: original.ids.length, howToRun })
      } finally {
        await written.close()
      }
    }
    return checks
  } finally {
    await original.close()
  }
}

export function fieldInWords({ field, reference, candidate }: FieldDifference): string {
  return `${field} was ${reference} and is ${candidate}`
}

/** What was converted was downloaded: the same copy is compared. */
async function openSide(name: string, options: CheckOptions, terminal: Terminal) {
  const { revision } = options
  const { checkpoint } = await resolveModel(name, { offline: true, quiet: true, ...(revision === undefined ? {} : { revision }) }, terminal)
  try {
    const opened = await openModel(checkpoint)
    // Only the ids are kept: a tokenizer of 256 thousand tokens takes much of the memory a conversion promises to stay in.
    const ids = (await tokenizerOf(opened.checkpoint)).encode(BUILT_IN_TEXT, { addSpecialTokens: true })
    collectGarbage()
    return { spec: opened.description.spec, weights: modelWeights(opened), ids, close: () => checkpoint.close() }
  } catch (error) {
    await checkpoint.close()
    throw error
  }
}
