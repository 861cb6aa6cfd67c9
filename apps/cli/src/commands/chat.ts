// `fartsovka chat`: a conversation in the terminal, answered as it is written; with `--json` told as one document at the end of input.
// Ctrl-C or the end of input leaves.
import { createDecoder, promptTokens } from '@fs/decode'
import { BUNDLE_ENGINE, isForBundles } from '../bundle/engine-name.ts'
import { converse, type Speaker } from '../chat/converse.ts'
import type { ChatMessage } from '../chat/message.ts'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { type ArithmeticOption, addArithmeticOption } from '../engine/arithmetic-option.ts'
import { addDecodingOptions, type DecodingOptions, decodingConfig, withinContext } from '../engine/decoding-options.ts'
import { engineOptions } from '../engine/engine-options.ts'
import { ENGINES, engineNamed } from '../engine/engines.ts'
import { openTextModel, type TextModel } from '../engine/text-model.ts'
import { EXIT } from '../exit-codes.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'
import type { Terminal } from '../terminal/terminal.ts'

type ChatOptions = CommonOptions & ModelOptions & DecodingOptions & ArithmeticOption & { readonly system?: string; readonly engine: string }

/** Of an answer: longer than of `run`, where nobody can ask for more. */
const MOST_TOKENS = 1024

export const chatCommand: CommandDefinition = (program, run) => {
  addArithmeticOption(addDecodingOptions(program.command('chat').description('talk to a model in the terminal'), MOST_TOKENS))
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
        const model = await openTextModel(checkpoint, engineOptions(checkpoint, engine, options))
        try {
          const messages = await talk(model, options, terminal)
          if (options.json) terminal.out(`${JSON.stringify({ messages }, null, 2)}\n`)
        } finally {
          await model.close()
          await checkpoint.close()
        }
        return EXIT.done
      }),
    )
}

/** One sequence and one decoder for the whole conversation: what was said stays in the cache. */
async function talk(model: TextModel, options: ChatOptions, terminal: Terminal): Promise<readonly ChatMessage[]> {
  const { language, tokenizer } = model
  const config = { maxTokens: MOST_TOKENS, ...decodingConfig(options, model.settings) }
  const roomWanted = options.maxTokens ?? Math.min(config.maxTokens, Math.floor(language.contextLength / 4))
  const sequence = language.createSequence()
  const decoder = createDecoder(language, tokenizer)
  const speaker: Speaker = {
    contextLength: language.contextLength,
    fits: (messages) => promptTokens(model.renderChat(messages), tokenizer, language).length + roomWanted <= language.contextLength,
    answer: async function* (messages) {
      const prompt = model.renderChat(messages)
      const fitting = withinContext(config, options, [prompt], model)
      for await (const part of decoder.stream({ prompt, config: fitting, sequence, signal: terminal.signal }))
        if (part.type !== 'finish') yield part.text
    },
  }
  try {
    return await converse(speaker, options, terminal)
  } finally {
    decoder.close()
    sequence.dispose()
  }
}
