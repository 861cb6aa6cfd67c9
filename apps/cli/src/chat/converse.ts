// A conversation in the terminal, line by line, with whatever answers. It is not where an answer is computed.
import { FsError } from '@fs/core'
import type { CommonOptions } from '../command.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { latestTurns, type Turns } from './latest-turns.ts'
import type { ChatMessage } from './message.ts'

export type Speaker = {
  /** Tokens of prompt and answer together. */
  readonly contextLength: number
  /** Whether an answer has room behind these messages; true where only answering tells. */
  readonly fits: (messages: readonly ChatMessage[]) => boolean
  /**
   * The answer to the last message, as it is written.
   * @throws FsError with a code of `TOO_LONG`, before any text, when the messages are too many
   */
  readonly answer: (messages: readonly ChatMessage[]) => AsyncIterable<string>
}

const TOO_LONG = ['decode/prompt-too-long', 'decode/context-overflow', 'runtime/context-overflow']

/**
 * Answers line after line until the input ends. What no longer fits the context is left out, the earliest turns first, and the first time
 * it says so. In a terminal a question that is too long by itself is refused and the conversation goes on; of a script it is the end.
 *
 * @returns all that was said
 */
export async function converse(
  speaker: Speaker,
  options: CommonOptions & { readonly system?: string },
  terminal: Terminal,
): Promise<readonly ChatMessage[]> {
  const messages: ChatMessage[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }]
  const ask = () => terminal.interactive && terminal.err('> ')
  let leftOut = 0
  ask()
  for await (const line of terminal.readLines()) {
    if (line.trim() !== '') {
      messages.push({ role: 'user', content: line })
      try {
        const turns = latestTurns(messages, speaker.fits, leftOut)
        const answered = await answerWithin(speaker, messages, turns, (part) => options.json || terminal.out(part))
        if (!options.json) terminal.out('\n')
        messages.push({ role: 'assistant', content: answered.text })
        if (leftOut === 0 && answered.leftOut > 0 && !options.quiet)
          terminal.err(`(the model holds ${speaker.contextLength} tokens: from now on it is shown the end of the conversation only)\n`)
        leftOut = answered.leftOut
      } catch (error) {
        if (!terminal.interactive || !isTooLong(error)) throw error
        messages.pop()
        terminal.err(`${error.message}\n`)
      }
    }
    ask()
  }
  return messages
}

/** Leaves out one turn more as often as the messages turn out to be too many. */
async function answerWithin(
  speaker: Speaker,
  messages: readonly ChatMessage[],
  turns: Turns,
  write: (part: string) => void,
): Promise<{ readonly text: string; readonly leftOut: number }> {
  let text = ''
  try {
    for await (const part of speaker.answer(turns.messages)) {
      write(part)
      text += part
    }
    return { text, leftOut: turns.leftOut }
  } catch (error) {
    const fewer = latestTurns(messages, speaker.fits, turns.leftOut + 1)
    if (!isTooLong(error) || text !== '' || fewer.leftOut === turns.leftOut) throw error
    return answerWithin(speaker, messages, fewer, write)
  }
}

function isTooLong(error: unknown): error is FsError {
  return FsError.is(error) && TOO_LONG.includes(error.code)
}
