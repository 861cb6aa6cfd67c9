// Whether a bundle goes on as its original does. The engine shows no logits, so it is asked for one token after each beginning of what the original
// writes: how often that is the original's token does not depend on where the two first part.
import type { LanguageModel } from '@fs/core'
import type { LiteRtLmModel } from '@fs/runtime/litert-lm'
import type { Tokenizer } from '@fs/tokenizer'

export type ComparedText = {
  readonly prompt: string
  /** Places where both were asked. */
  readonly positions: number
  readonly agreed: number
  /** The first place where they part: what was there, and what either wrote. */
  readonly first?: { readonly after: string; readonly expected: string; readonly actual: string }
}

/** Tokens the original writes after each prompt. */
const TOKENS = 8

export async function compareNextTokens(
  candidate: LiteRtLmModel,
  reference: { readonly language: LanguageModel; readonly tokenizer: Tokenizer; readonly ends: readonly number[] },
  prompt: string,
): Promise<ComparedText> {
  let [positions, agreed, first]: [number, number, ComparedText['first']] = [0, 0, undefined]
  for (const { after, expected, alone } of await continuations(reference, prompt)) {
    const actual = await candidate.complete(after, { maxTokens: 1, sampler: 'greedy' })
    positions++
    if (actual === expected || actual === alone) agreed++
    else first ??= { after, expected, actual }
  }
  return { prompt, positions, agreed, ...(first === undefined ? {} : { first }) }
}

type Continuation = {
  readonly after: string
  /** What the next token adds to the text. */
  readonly expected: string
  /** The token as a text of its own, which is how the engine shows it: SentencePiece's decoders then drop the space in front. */
  readonly alone: string
}

/** What the original writes greedily, one token at a time. Places that text cannot show are left out. */
async function continuations(
  { language, tokenizer, ends }: { readonly language: LanguageModel; readonly tokenizer: Tokenizer; readonly ends: readonly number[] },
  prompt: string,
): Promise<readonly Continuation[]> {
  const tokens = tokenizer.encode(prompt, { addSpecialTokens: true })
  // Decoded as a whole, since a decoder may treat the beginning of a text differently.
  const textOf = (ids: readonly number[]): string => tokenizer.decode(ids, { skipSpecialTokens: true })
  const sequence = language.createSequence()
  const found: Continuation[] = []
  try {
    let logits = await language.prefill({ sequence, tokens }, 'last')
    for (let step = 0; step < TOKENS; step++) {
      const next = logits.indexOf(logits.reduce((most, value) => Math.max(most, value)))
      if (ends.includes(next)) break
      const [before, text] = [textOf(tokens), textOf([...tokens, next])]
      // A text that is cut in a character, or would be divided otherwise, asks for something else.
      const alone = tokenizer.decode([next])
      const shows = text.startsWith(before) && text.length > before.length && !text.includes('\ufffd') && alone !== ''
      if (shows && sameTokens(tokenizer.encode(before, { addSpecialTokens: true }), tokens)) {
        found.push({ after: before, expected: text.slice(before.length), alone })
      }
      tokens.push(next)
      if (step + 1 < TOKENS) logits = (await language.step([{ sequence, tokens: [next] }]))[0]!
    }
    return found
  } finally {
    sequence.dispose()
  }
}

const sameTokens = (left: readonly number[], right: readonly number[]): boolean =>
  left.length === right.length && left.every((token, index) => token === right[index])
