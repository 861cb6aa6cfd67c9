// `fartsovka logits`: the files of a prompt that llama.cpp's model-conversion example compares: logits, text, prompt, tokens.
// Names and layout: examples/model-conversion/scripts/utils/common.py, examples/debug/debug.cpp.
import { join } from 'node:path'
import { encodeLogitsSet } from '@fs/eval'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { type EngineName, engineNamed } from '../engine/engines.ts'
import { openTextModel } from '../engine/text-model.ts'
import { findPython } from '../engine/transformers/find-python.ts'
import { openTransformers } from '../engine/transformers/transformers-model.ts'
import { cliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type ForceOption, outputFile, writeOutput } from '../output-file.ts'
import { readOptionFile } from '../recipe/options.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'
import { VERIFY_ENGINES } from './verify/runners.ts'
import { openSide } from './verify/sides.ts'

type LogitsOptions = CommonOptions &
  ModelOptions &
  ForceOption & {
    readonly prompt: string
    readonly promptFile?: string
    readonly allPositions?: true
    readonly engine: string
    readonly output: string
  }

/** The model-conversion example's default. */
const DEFAULT_PROMPT = 'Hello, my name is'

export const logitsCommand: CommandDefinition = (program, run) => {
  program
    .command('logits')
    .description("write a prompt's logits, text and tokens in the files llama.cpp's comparison scripts read")
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .option('--prompt <text>', 'the prompt', DEFAULT_PROMPT)
    .option('--prompt-file <file>', 'take the prompt from a file')
    .option('--all-positions', 'logits after every token instead of the last')
    .option('--engine <name>', VERIFY_ENGINES.join(', '), 'ort')
    .option('-o, --output <folder>', 'where the files go', 'data')
    .option('--force', 'replace existing files')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka logits model.gguf --prompt "Hello, my name is" -o data')
    .action((name: string, options: LogitsOptions) =>
      run(async (terminal) => {
        const prompt = options.promptFile === undefined ? options.prompt : readOptionFile(options.promptFile, '--prompt-file', terminal)
        const answered = await (options.engine === 'transformers'
          ? askTransformers(name, prompt, options, terminal)
          : askEngine(name, prompt, engineNamed(options.engine, ['transformers']), options, terminal))
        const { model, prefix, tokens, logits, width, decode } = answered
        const base = join(userPath(terminal, options.output), `${prefix}-${model.replace(/\.gguf$/i, '')}`)
        const files = encodeLogitsSet(`${base}.bin`, prompt, { tokens, logits })
        const outputs = [...files].map(([path, content]) => ({ file: outputFile(path, options, terminal), content }))
        for (const { file, content } of outputs) writeOutput(file, content)
        const best = logits.subarray(-width).reduce((most, value, token, row) => (value > row[most]! ? token : most), 0)
        terminal.out(
          options.json
            ? `${JSON.stringify({ files: [...files.keys()], tokens, positions: logits.length / width, next: best })}\n`
            : `${[...files.keys()].join('\n')}\nlikeliest next token: ${best} ${JSON.stringify(decode([best]))}\n`,
        )
        return EXIT.done
      }),
    )
}

type Answer = {
  readonly model: string
  /** Of the files' names. */
  readonly prefix: string
  readonly tokens: readonly number[]
  readonly logits: Float32Array
  /** Numbers in a row. */
  readonly width: number
  readonly decode: (tokens: readonly number[]) => string
}

async function askEngine(name: string, prompt: string, engine: EngineName, options: LogitsOptions, terminal: Terminal): Promise<Answer> {
  const { checkpoint } = await resolveModel(name, options, terminal)
  try {
    const model = await openTextModel(checkpoint, { engine, ...(options.threads === undefined ? {} : { threads: options.threads }) })
    try {
      const tokens = model.tokenizer.encode(prompt, { addSpecialTokens: true })
      const sequence = model.language.createSequence()
      const logits = await model.language.prefill({ sequence, tokens }, options.allPositions ? 'all' : 'last')
      sequence.dispose()
      return {
        model: checkpoint.name,
        prefix: engine === 'llama.cpp' ? 'llamacpp' : 'fartsovka',
        tokens,
        logits,
        width: model.language.vocabularySize,
        decode: (ids) => model.tokenizer.decode(ids),
      }
    } finally {
      await model.close()
    }
  } finally {
    await checkpoint.close()
  }
}

async function askTransformers(name: string, prompt: string, options: LogitsOptions, terminal: Terminal): Promise<Answer> {
  const side = await openSide(name, options, terminal)
  try {
    const python = await findPython(terminal.environment)
    if (side.folder === undefined || side.measured !== 'logits' || python.kind === 'absent') {
      const why = python.kind === 'absent' ? python.reason : 'transformers runs decoders in Hugging Face folders'
      throw cliError('cli/transformers', `${name} cannot be run by transformers: ${why}`, { model: name })
    }
    const { environment, signal } = terminal
    const { folder, width, tokenizer, opened } = side
    const model = await openTransformers({
      python: python.command,
      folder,
      measured: 'logits',
      environment,
      signal,
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    })
    try {
      const tokens = await model.encode(prompt)
      const logits = await model.rows(tokens, options.allPositions ? tokens.length : 1)
      return { model: opened.checkpoint.name, prefix: 'pytorch', tokens, logits, width, decode: (ids) => tokenizer.decode(ids) }
    } finally {
      await model.close()
    }
  } finally {
    await side.close()
  }
}
