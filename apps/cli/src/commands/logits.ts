// `fartsovka logits`: the files of a prompt that llama.cpp's model-conversion example compares: logits, text, prompt, tokens.
// Names and layout: examples/model-conversion/scripts/utils/common.py, examples/debug/debug.cpp.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeLogitsSet } from '@fs/eval'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { ENGINES, engineNamed } from '../engine/engines.ts'
import { openTextModel } from '../engine/text-model.ts'
import { EXIT } from '../exit-codes.ts'
import { readOptionFile } from '../recipe/options.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'
import { userPath } from '../terminal/terminal.ts'

type LogitsOptions = CommonOptions &
  ModelOptions & {
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
    .option('--engine <name>', ENGINES.join(' or '), 'ort')
    .option('-o, --output <folder>', 'where the files go', 'data')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka logits model.gguf --prompt "Hello, my name is" -o data')
    .action((name: string, options: LogitsOptions) =>
      run(async (terminal) => {
        const engine = engineNamed(options.engine)
        const prompt = options.promptFile === undefined ? options.prompt : readOptionFile(options.promptFile, '--prompt-file', terminal)
        const { checkpoint } = await resolveModel(name, options, terminal)
        const model = await openTextModel(checkpoint, { engine, ...(options.threads === undefined ? {} : { threads: options.threads }) })
        try {
          const tokens = model.tokenizer.encode(prompt, { addSpecialTokens: true })
          const sequence = model.language.createSequence()
          const logits = await model.language.prefill({ sequence, tokens }, options.allPositions ? 'all' : 'last')
          sequence.dispose()
          const prefix = engine === 'llama.cpp' ? 'llamacpp' : 'fartsovka'
          const base = join(userPath(terminal, options.output), `${prefix}-${checkpoint.name.replace(/\.gguf$/i, '')}`)
          mkdirSync(userPath(terminal, options.output), { recursive: true })
          const files = encodeLogitsSet(`${base}.bin`, prompt, { tokens, logits })
          for (const [path, content] of files) writeFileSync(path, content)
          const best = logits
            .subarray(-model.language.vocabularySize)
            .reduce((most, value, token, row) => (value > row[most]! ? token : most), 0)
          terminal.out(
            options.json
              ? `${JSON.stringify({ files: [...files.keys()], tokens, positions: logits.length / model.language.vocabularySize, next: best })}\n`
              : `${[...files.keys()].join('\n')}\nlikeliest next token: ${best} ${JSON.stringify(model.tokenizer.decode([best]))}\n`,
          )
          return EXIT.done
        } finally {
          await model.close()
          await checkpoint.close()
        }
      }),
    )
}
