// What a verification asks: prompts of the user's, saved logits' own, or texts built in that cross what breaks.
import { BUILT_IN_TEXT, promptLengths } from '@fs/eval'
import { cliError } from '../../errors.ts'
import type { ExportedSide, ModelSide, Side } from './sides.ts'

export type Prompt = {
  /** What it is called. */
  readonly prompt: string
  readonly text: string
  /** At most so many tokens of it. */
  readonly tokens?: number
  /** Instead of a text, where nobody kept it. */
  readonly given?: readonly number[]
}

type RunnableSide = ModelSide | ExportedSide

/** @throws FsError `cli/usage` where saved logits say what was asked, and the user another thing */
export function promptsOf(reference: Side, candidate: Side, texts: readonly string[]): readonly Prompt[] {
  const saved = [reference, candidate].find((side) => side.kind === 'saved')
  if (saved?.kind === 'saved') {
    if (texts.length > 0) throw cliError('cli/usage', 'saved logits come with their prompt; leave out --prompt', {})
    if (saved.prompt !== undefined) return [{ prompt: saved.prompt, text: saved.prompt }]
    return [{ prompt: `the tokens of ${saved.name}`, text: '', given: saved.set.tokens }]
  }
  return texts.length === 0
    ? builtInPrompts(reference as ModelSide, candidate as RunnableSide)
    : texts.map((text) => ({ prompt: text, text }))
}

/** None longer than either model allows: a conversion may have asked for fewer tokens. */
function builtInPrompts(reference: ModelSide, candidate: RunnableSide): readonly Prompt[] {
  const { spec } = reference.opened.description
  const other = candidate.kind === 'model' ? candidate.opened.description.spec : candidate
  const contextLength = Math.min(spec.contextLength, other.contextLength)
  return promptLengths({ ...spec, contextLength }).map((tokens) => ({
    prompt: `built-in text, ${tokens} tokens`,
    // More than one character for each token, in any tokenizer.
    text: BUILT_IN_TEXT.repeat(Math.ceil((tokens * 12) / BUILT_IN_TEXT.length)),
    tokens,
  }))
}
