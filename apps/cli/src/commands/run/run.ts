// Completes prompts and prints them: as they come for one, together for a batch.
import { type Completed, type DecodingConfig, decodeBatch, type Prompt, streamText } from '@fs/decode'
import { BUNDLE_ENGINE, isForBundles } from '../../bundle/engine-name.ts'
import type { ChatMessage } from '../../chat/message.ts'
import { decodingConfig, withinContext } from '../../engine/decoding-options.ts'
import { engineOptions } from '../../engine/engine-options.ts'
import { engineNamed } from '../../engine/engines.ts'
import { openTextModel, type TextModel } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import { readOptionFile } from '../../recipe/options.ts'
import { resolveModel } from '../../resolve-model.ts'
import { formatDuration } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { RunOptions } from './command.ts'

export async function runModel(name: string, argument: string | undefined, options: RunOptions, terminal: Terminal): Promise<ExitCode> {
  if (await isForBundles(name, options.engine, terminal)) {
    const texts = await promptTexts(argument, options, terminal)
    const { runBundle } = await import('../../bundle/run-bundle.ts')
    await runBundle(name, texts, options.batch === undefined ? 'single' : 'batch', options, terminal)
    return EXIT.done
  }
  const engine = engineNamed(options.engine, [BUNDLE_ENGINE])
  const texts = await promptTexts(argument, options, terminal)
  const started = performance.now()
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    const model = await openTextModel(checkpoint, engineOptions(checkpoint, engine, options))
    try {
      const loaded = performance.now()
      const prompts = texts.map((text) => promptOf(model, text, options))
      const config = withinContext(decodingConfig(options, model.settings), options, prompts, model)
      const completed =
        options.batch === undefined
          ? [await single(model, prompts[0]!, config, options, terminal)]
          : await batch(model, prompts, config, options, terminal)
      if (options.stats) terminal.err(`${statsText(completed, loaded - started, performance.now() - loaded)}\n`)
      return EXIT.done
    } finally {
      await model.close()
    }
  } finally {
    await checkpoint.close()
  }
}

async function promptTexts(argument: string | undefined, options: RunOptions, terminal: Terminal): Promise<readonly string[]> {
  const given = [argument, options.promptFile, options.batch].filter((source) => source !== undefined)
  if (given.length > 1) throw cliError('cli/usage', 'give the prompt once: as argument, with --prompt-file or with --batch', {})
  if (options.batch !== undefined) {
    const lines = readOptionFile(options.batch, '--batch', terminal)
      .split(/\r?\n/)
      .filter((line) => line !== '')
    if (lines.length === 0) throw cliError('cli/usage', `--batch ${options.batch} has no lines`, { file: options.batch })
    return lines
  }
  if (options.promptFile !== undefined) return [readOptionFile(options.promptFile, '--prompt-file', terminal)]
  if (argument !== undefined) return [argument]
  const text = await terminal.readInput()
  // A script whose stdin is closed forgot the prompt; one that means an empty one says "".
  if (text === undefined || text === '')
    throw cliError('cli/usage', 'there is no prompt: give it as an argument, with --prompt-file, or on stdin', {})
  // A pipe ends lines; the prompt does not.
  return [text.replace(/\r?\n$/, '')]
}

function promptOf(model: TextModel, text: string, options: RunOptions): Prompt {
  if (!(options.chat ?? model.hasTemplate)) {
    if (options.system !== undefined)
      throw cliError('cli/usage', '--system needs a chat; the model has no chat template, or --no-chat was given', {})
    return text
  }
  const system: readonly ChatMessage[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }]
  return model.renderChat([...system, { role: 'user', content: text }])
}

async function single(
  model: TextModel,
  prompt: Prompt,
  config: DecodingConfig,
  options: RunOptions,
  terminal: Terminal,
): Promise<Completed> {
  let completed: Completed | undefined
  for await (const part of streamText(model.language, model.tokenizer, prompt, config, { signal: terminal.signal })) {
    if (part.type === 'finish') completed = part.completed
    else if (!options.json) terminal.out(part.text)
  }
  terminal.out(options.json ? `${JSON.stringify(jsonOf(completed!), null, 2)}\n` : '\n')
  return completed!
}

async function batch(
  model: TextModel,
  prompts: readonly Prompt[],
  config: DecodingConfig,
  options: RunOptions,
  terminal: Terminal,
): Promise<readonly Completed[]> {
  const completed = await decodeBatch(model.language, model.tokenizer, prompts, config, { signal: terminal.signal })
  if (options.json) terminal.out(`${JSON.stringify(completed.map(jsonOf), null, 2)}\n`)
  else for (const [index, { text }] of completed.entries()) terminal.out(`${index === 0 ? '' : '\n'}[${index + 1}] ${text}\n`)
  return completed
}

function jsonOf({ text, tokens, promptTokens, finishReason, usage }: Completed) {
  return { text, tokens, promptTokens, finishReason, usage }
}

function statsText(completed: readonly Completed[], loading: number, writing: number): string {
  const prompt = completed.reduce((sum, { usage }) => sum + usage.promptTokens, 0)
  const written = completed.reduce((sum, { usage }) => sum + usage.completionTokens, 0)
  return `${prompt} prompt tokens, ${written} written in ${formatDuration(writing / 1000)} (${(written / (writing / 1000)).toFixed(1)} a second); loaded in ${formatDuration(loading / 1000)}`
}
