// A model opened to be measured: what perplexity, kl-divergence and imatrix share. Numbers come as llama.cpp's do unless asked otherwise:
// where weights are blocks, what they are multiplied with is rounded to 8 bits.
import { readFileSync } from 'node:fs'
import { openModel } from '@fs/convert'
import type { Checkpoint, LanguageModel } from '@fs/core'
import { textWindows, type Windows } from '@fs/eval'
import type { Arithmetic } from '@fs/runtime'
import type { Tokenizer } from '@fs/tokenizer'
import { type Command, Option } from 'commander'
import type { CommonOptions } from '../../command.ts'
import { ARITHMETICS } from '../../engine/arithmetic-option.ts'
import { ENGINES, type EngineName, engineNamed, openEngine } from '../../engine/engines.ts'
import { isExported } from '../../engine/exported-model.ts'
import { openTextModel, tokenizerOf } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
import { wholeNumber } from '../../options.ts'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'

export type MeasureOptions = CommonOptions & ModelOptions & { readonly engine: string; readonly arithmetic: Arithmetic }

export type TextOptions = { readonly text?: string; readonly context: number; readonly chunks?: number; readonly stride?: number }

export function addEngineOptions(command: Command): Command {
  return command
    .option('--engine <name>', ENGINES.join(' or '), 'ort')
    .addOption(
      new Option(
        '--arithmetic <how>',
        'fast as in chat and in llama.cpp, which round activations to 8 bits where weights are blocks; fastest, which also rounds larger weights to 8 bits; or exact',
      )
        .choices(ARITHMETICS)
        .default('fast'),
    )
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
}

export function addTextOptions(command: Command): Command {
  return command
    .option('--context <n>', 'tokens the model sees at once', wholeNumber, 512)
    .option('--chunks <n>', 'only so many pieces of the text (default: all)', wholeNumber)
}

export type MeasuredModel = {
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly language: LanguageModel
  close(): Promise<void>
}

/** @throws FsError when the model cannot be opened or is no language model, or its tokenizer ends texts with a token */
export async function openMeasured(
  name: string,
  contextLength: number,
  options: MeasureOptions,
  terminal: Terminal,
): Promise<MeasuredModel> {
  const engine = engineNamed(options.engine)
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    const { tokenizer, language } = await openLanguage(checkpoint, { ...options, engine, contextLength })
    return {
      checkpoint,
      tokenizer,
      language,
      close: async () => {
        await language.dispose()
        await checkpoint.close()
      },
    }
  } catch (error) {
    await checkpoint.close()
    throw error
  }
}

async function openLanguage(
  checkpoint: Checkpoint,
  {
    engine,
    arithmetic,
    contextLength,
    threads,
  }: Pick<MeasureOptions, 'arithmetic' | 'threads'> & { readonly engine: EngineName; readonly contextLength: number },
): Promise<Pick<MeasuredModel, 'tokenizer' | 'language'>> {
  const shared = { contextLength, ...(threads === undefined ? {} : { threads }) }
  if (isExported(checkpoint)) {
    const { tokenizer, language } = await openTextModel(checkpoint, { engine, ...shared })
    return { tokenizer, language }
  }
  const opened = await openModel(checkpoint)
  if (opened.description.spec.kind !== 'decoder')
    throw cliError('cli/usage', `${checkpoint.name} is an encoder and predicts no next token`, { model: checkpoint.name })
  const tokenizer = await tokenizerOf(opened.checkpoint)
  return { tokenizer, language: await openEngine(opened, { engine, arithmetic, ...shared }) }
}

/** The token each window begins with, where the model begins texts with one. @param model its name, for messages */
export function beginningTokenOf(tokenizer: Tokenizer, model: string): number | undefined {
  if (tokenizer.addEos)
    throw cliError('cli/usage', `${model} ends every text with a token, for which this measure is not defined`, { model })
  return tokenizer.addBos ? tokenizer.special.bos : undefined
}

/** A text as llama.cpp reads `-f`: one newline at its end is dropped. */
export function readText(file: string | undefined, terminal: Terminal): string {
  if (file === undefined) throw cliError('cli/usage', '--text FILE is missing: the text to measure on', {})
  try {
    return readFileSync(userPath(terminal, file), 'utf8').replace(/\n$/, '')
  } catch (cause) {
    throw cliError('cli/usage', `--text ${file} cannot be read`, { file }, cause)
  }
}

export function windowsOfFile({ tokenizer, checkpoint }: MeasuredModel, options: TextOptions, terminal: Terminal): Windows {
  const beginning = beginningTokenOf(tokenizer, checkpoint.name)
  return textWindows(tokenizer.encode(readText(options.text, terminal), { addSpecialTokens: true }), {
    contextLength: options.context,
    ...(options.chunks === undefined ? {} : { chunks: options.chunks }),
    ...(options.stride === undefined ? {} : { stride: options.stride }),
    ...(beginning === undefined ? {} : { beginningToken: beginning }),
  })
}
