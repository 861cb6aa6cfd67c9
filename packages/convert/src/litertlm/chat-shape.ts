// The outline of a chat template: what it writes around each message. Found by rendering chats of marked words, so any template has one or has none.
// An outline is data, of which a template for another engine can be made (`jinja-template.ts`); tools and the like have no place in it.
import { type ChatInput, type ChatTemplate, renderText } from '@fs/chat-format'
import { FsError } from '@fs/core'

/** Texts before and after a message, and whether blanks around the message itself are dropped. */
type Around = { readonly prefix: string; readonly suffix: string; readonly trim: boolean }

export type ChatShape = {
  /** Before the first message of a chat without a system message; ends with the user's prefix. */
  readonly opening: string
  /** Before a system message, and between it and the first question; undefined where the template refuses one. */
  readonly system: { readonly prefix: string; readonly between: string; readonly trim: boolean } | undefined
  readonly user: Around
  readonly assistant: Around
  /** After the last message, when an answer is to follow. */
  readonly generationPrompt: string
  /** The same when `enable_thinking` is false, where that makes a difference. */
  readonly generationPromptWithoutThinking: string | undefined
  /** Whether thoughts (`<think>…</think>`) of earlier answers are dropped. */
  readonly dropsThoughts: boolean
  /** Today's date, where the template tells it: how it stands in the texts above, and its format for `strftime_now`. */
  readonly date: { readonly written: string; readonly format: string } | undefined
}

/** The day that the texts of an outline were written on, as templates may write it. */
const DAY = new Date(2001, 1, 3, 12)
const DATES = [
  { written: '03 Feb 2001', format: '%d %b %Y' },
  { written: '2001-02-03', format: '%Y-%m-%d' },
  { written: 'February 03, 2001', format: '%B %d, %Y' },
  { written: '03 February 2001', format: '%d %B %Y' },
] as const
const ANOTHER_DAY = new Date(2011, 10, 12, 13)

const [SYSTEM, QUESTION, ANSWER, SECOND] = ['zebrafish', 'quokka', 'pangolin', 'axolotl'] as const
const system = { role: 'system', content: SYSTEM }
const question = { role: 'user', content: QUESTION }
const answer = { role: 'assistant', content: ANSWER }
const second = { role: 'user', content: SECOND }

/**
 * @param specialTokens `bos_token` and the like, as the template gets them
 * @returns undefined for a template that does not write its messages one after the other, each between the same texts
 */
export function chatShape(template: ChatTemplate, specialTokens: { readonly [name: string]: string }): ChatShape | undefined {
  const render = (input: ChatInput): string | undefined => rendered(template, { now: DAY, ...input, specialTokens })
  const turns = render({ messages: [question, answer, second] })
  const closed = render({ messages: [question], ending: 'complete' })
  const answered = render({ messages: [question, answer], ending: 'complete' })
  if (turns === undefined || closed === undefined || answered === undefined) return undefined
  const [opening, afterQuestion, afterAnswer, afterSecond] = pieces(turns, [QUESTION, ANSWER, SECOND])
  const [, userSuffix] = pieces(closed, [QUESTION])
  const assistantSuffix = pieces(answered, [QUESTION, ANSWER])[2]
  if (afterSecond === undefined || userSuffix === undefined || assistantSuffix === undefined) return undefined
  const generationPrompt = withoutStart(afterSecond, userSuffix)
  const assistantPrefix = withoutStart(afterQuestion!, userSuffix)
  const userPrefix = withoutStart(afterAnswer!, assistantSuffix)
  if (generationPrompt === undefined || assistantPrefix === undefined || userPrefix === undefined) return undefined
  const date = DATES.find(({ written }) => turns.includes(written))
  if (date === undefined && render({ messages: [question, answer, second], now: ANOTHER_DAY }) !== turns) return undefined
  const trims = (index: number): boolean => {
    const messages = [system, question, answer].map((message, at) =>
      at === index ? { ...message, content: ` ${message.content}\n ` } : message,
    )
    return (
      render({ messages: index === 0 ? messages : messages.slice(1), ending: 'complete' })?.includes(messages[index]!.content) === false
    )
  }
  const quiet = pieces(render({ messages: [question], variables: { enable_thinking: false } }) ?? '', [QUESTION])[1]
  const quietPrompt = quiet === undefined ? undefined : withoutStart(quiet, userSuffix)
  return {
    opening: opening!,
    system: systemOf(render({ messages: [system, question] }), trims(0)),
    user: { prefix: userPrefix, suffix: userSuffix, trim: trims(1) },
    assistant: { prefix: assistantPrefix, suffix: assistantSuffix, trim: trims(2) },
    generationPrompt,
    generationPromptWithoutThinking: quietPrompt === generationPrompt ? undefined : quietPrompt,
    dropsThoughts: render({ messages: [question, { ...answer, content: `<think>\nhm\n</think>\n\n${ANSWER}` }, second] }) === turns,
    date,
  }
}

function systemOf(text: string | undefined, trim: boolean): ChatShape['system'] {
  const [prefix, between, rest] = pieces(text ?? '', [SYSTEM, QUESTION])
  return rest === undefined ? undefined : { prefix: prefix!, between: between!, trim }
}

/** What stands before, between and after words that occur once each and in this order; nothing when they do not. */
function pieces(text: string, words: readonly string[]): readonly string[] {
  const found: string[] = []
  let from = 0
  for (const word of words) {
    const at = text.indexOf(word, from)
    if (at < 0 || text.indexOf(word, at + word.length) >= 0) return []
    found.push(text.slice(from, at))
    from = at + word.length
  }
  return [...found, text.slice(from)]
}

const withoutStart = (text: string, start: string): string | undefined => (text.startsWith(start) ? text.slice(start.length) : undefined)

function rendered(template: ChatTemplate, input: ChatInput): string | undefined {
  try {
    return renderText(template, input)
  } catch (error) {
    if (FsError.is(error)) return undefined
    throw error
  }
}
