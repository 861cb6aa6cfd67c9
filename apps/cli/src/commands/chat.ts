// `fartsovka chat`: a conversation in the terminal, answered as it is written; with `--json` told as one document at the end of input.
// Ctrl-C or the end of input leaves.
import { createDecoder } from '@fs/decode'
import { BUNDLE_ENGINE, isForBundles } from '../bundle/engine-name.ts'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { addDecodingOptions, type DecodingOptions, decodingConfig, withinContext } from '../engine/decoding-options.ts'
import { ENGINES, engineNamed } from '../engine/engines.ts'
import { type ChatMessage, openTextModel, type TextModel } from '../engine/text-model.ts'
import { EXIT } from '../exit-codes.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'
import type { Terminal } from '../terminal/terminal.ts'

type ChatOptions = CommonOptions & ModelOptions & DecodingOptions & { readonly system?: string; readonly engine: string }

/** Of an answer: longer than of `run`, where nobody can ask for more. */
const MOST_TOKENS = 1024

export const chatCommand: CommandDefinition = (program, run) => {
  addDecodingOptions(program.command('chat').description('talk to a model in the terminal'), MOST_TOKENS)
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .option('--system <text>', 'system message')
    .option('--engine <name>', `${ENGINES.join(', ')} or ${BUNDLE_ENGINE}, which runs .litertlm bundles`, 'ort')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka chat Qwen/Qwen3-0.6B --system "Answer in one sentence."')
    .action((name: string, options: ChatOptions) =>
      run(async (terminal) => {
        if (await isForBundles(name, options.engine, terminal)) {
          const { chatWithBundle } = await import('../bundle/run-bundle.ts')
          await chatWithBundle(name, options, terminal)
          return EXIT.done
        }
        const engine = engineNamed(options.engine, [BUNDLE_ENGINE])
        const { checkpoint } = await resolveModel(name, options, terminal)
        const model = await openTextModel(checkpoint, { engine, ...(options.threads === undefined ? {} : { threads: options.threads }) })
        try {
          await converse(model, options, terminal)
        } finally {
          await model.close()
          await checkpoint.close()
        }
        return EXIT.done
      }),
    )
}

async function converse(model: TextModel, options: ChatOptions, terminal: Terminal): Promise<void> {
  const config = { maxTokens: MOST_TOKENS, ...decodingConfig(options, model.settings) }
  const messages: ChatMessage[] = options.system === undefined ? [] : [{ role: 'system', content: options.system }]
  // One sequence for the whole conversation: what was said stays in the cache.
  const sequence = model.language.createSequence()
  const decoder = createDecoder(model.language, model.tokenizer)
  const ask = () => terminal.interactive && terminal.err('> ')
  try {
    ask()
    for await (const line of terminal.readLines()) {
      if (line.trim() !== '') {
        messages.push({ role: 'user', content: line })
        let answer = ''
        const prompt = model.renderChat(messages)
        const fitting = withinContext(config, options, [prompt], model)
        for await (const part of decoder.stream({ prompt, config: fitting, sequence, signal: terminal.signal })) {
          if (part.type === 'finish') continue
          if (!options.json) terminal.out(part.text)
          answer += part.text
        }
        if (!options.json) terminal.out('\n')
        messages.push({ role: 'assistant', content: answer })
      }
      ask()
    }
    if (options.json) terminal.out(`${JSON.stringify({ messages }, null, 2)}\n`)
  } finally {
    decoder.close()
    sequence.dispose()
  }
}
