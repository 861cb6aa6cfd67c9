// Which part of a conversation a model is shown. Models hold so many tokens; conversations go on.
import type { ChatMessage } from './message.ts'

/** A part of a conversation, and how many questions before it were left out, each with its answer. */
export type Turns = { readonly messages: readonly ChatMessage[]; readonly leftOut: number }

/**
 * The system message and as many of the latest turns as fit; the last question always, whether it fits or not. Only whole turns are left out, since
 * chat templates want question and answer in turn.
 *
 * @param least so many questions are left out at least, as far as there are any before the last
 */
export function latestTurns(messages: readonly ChatMessage[], fits: (messages: readonly ChatMessage[]) => boolean, least = 0): Turns {
  const system = messages.filter(({ role }) => role === 'system')
  const turns = messages.slice(system.length)
  const earlier = turns.filter(({ role }) => role === 'user').length - 1
  for (let leftOut = Math.min(least, earlier); ; leftOut++) {
    const shown = [...system, ...turns.slice(2 * leftOut)]
    if (leftOut === earlier || fits(shown)) return { messages: shown, leftOut }
  }
}
