// `run` and `chat` on a LiteRT-LM bundle. Chats go through the engine's own template, which is the bundle's.
import type { ChatMessage } from '@fs/runtime/litert-lm'
import { converse, type Speaker } from '../chat/converse.ts'
import type { ArithmeticOption } from '../engine/arithmetic-option.ts'
import type { DecodingOptions } from '../engine/decoding-options.ts'
import { cliError } from '../errors.ts'
import { formatDuration } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { BUNDLE_ENGINE } from './engine-name.ts'
import { answerOptions, openTextEngine, type TextEngine } from './text-engine.ts'

export type RunBundleOptions = DecodingOptions &
  ArithmeticOption & {
    readonly chat?: boolean
    readonly system?: string
    readonly json?: true
    readonly stats?: true
  }

/** @param texts one prompt, streamed; or those of a batch, answered one after the other, since the engine takes one at a time */
export async function runBundle(
  name: string,
  texts: readonly string[],
  shape: 'single' | 'batch',
  options: RunBundleOptions,
  terminal: Terminal,
): Promise<void> {
  const began = performance.now()
  const engine = await openTextEngine(name, terminal)
  try {
    const loaded = performance.now()
    const hasTemplate = engine.metadata.jinjaTemplate !== undefined || engine.metadata.promptTemplates !== undefined
    const isChat = options.chat ?? hasTemplate
    if (isChat && !hasTemplate)
      throw cliError('cli/usage', `${engine.path} has no chat template; use fartsovka run --no-chat`, { bundle: engine.path })
    if (!isChat && options.system !== undefined)
      throw cliError('cli/usage', '--system needs a chat; the bundle has no chat template, or --no-chat was given', {})
    const answers: string[] = []
    for (const [index, text] of texts.entries()) {
      if (shape === 'batch' && !options.json) terminal.out(`${index === 0 ? '' : '\n'}[${index + 1}] `)
      let answer = ''
      for await (const part of parts(engine, text, isChat, options, terminal)) {
        if (!options.json) terminal.out(part)
        answer += part
      }
      if (!options.json) terminal.out('\n')
      answers.push(answer)
    }
    const documents = answers.map((text) => ({ text, engine: BUNDLE_ENGINE, model: engine.path }))
    if (options.json) terminal.out(`${JSON.stringify(shape === 'batch' ? documents : documents[0], null, 2)}\n`)
    if (options.stats) {
      const seconds = (milliseconds: number) => formatDuration(milliseconds / 1000)
      terminal.err(`written in ${seconds(performance.now() - loaded)}; loaded in ${seconds(loaded - began)}\n`)
    }
  } finally {
    await engine.model.dispose()
  }
}

async function* parts(
  { model, metadata }: TextEngine,
  text: string,
  isChat: boolean,
  options: RunBundleOptions,
  terminal: Terminal,
): AsyncGenerator<string, void> {
  const answer = answerOptions(options, metadata.sampler, 100)
  if (!isChat) {
    // The engine gives a continuation whole.
    yield await model.complete(text, answer)
    return
  }
  const system: readonly ChatMessage[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }]
  for await (const part of model.answer([...system, { role: 'user', content: text }], answer)) {
    terminal.signal.throwIfAborted()
    yield part
  }
}

/** The engine counts the tokens itself, so it is asked, and says when they are too many. */
export async function chatWithBundle(name: string, options: RunBundleOptions, terminal: Terminal): Promise<void> {
  const { model, metadata } = await openTextEngine(name, terminal)
  try {
    const settings = answerOptions(options, metadata.sampler, metadata.maxTokens)
    const speaker: Speaker = {
      contextLength: model.contextLength,
      fits: () => true,
      answer: async function* (messages) {
        for await (const part of model.answer(messages, settings)) {
          terminal.signal.throwIfAborted()
          yield part
        }
      },
    }
    const messages = await converse(speaker, options, terminal)
    if (options.json) terminal.out(`${JSON.stringify({ messages }, null, 2)}\n`)
  } finally {
    await model.dispose()
  }
}
