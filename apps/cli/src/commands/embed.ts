// `fartsovka embed`: texts as vectors, one JSON line each.
import { modelWeights, openModel } from '@fs/convert'
import { decoderAsEncoder, openEmbeddingModel } from '@fs/runtime'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { tokenizerOf } from '../engine/text-model.ts'
import { cliError } from '../errors.ts'
import { EXIT } from '../exit-codes.ts'
import { type ModelOptions, resolveModel } from '../resolve-model.ts'

const POOLINGS = ['none', 'mean', 'first', 'last'] as const

type EmbedOptions = CommonOptions & ModelOptions & { readonly pooling?: string; readonly normalize?: true }

export const embedCommand: CommandDefinition = (program, run) => {
  program
    .command('embed')
    .description('print embeddings of texts as JSON lines; texts come from the arguments or from stdin, one a line')
    .argument('<model>', 'folder, file, or org/name[@revision][:QUANT]')
    .argument('[text...]', 'texts')
    .option('--pooling <how>', `${POOLINGS.join(', ')} (default: the model's own, else mean)`)
    .option('--normalize', 'scale vectors to length one')
    .option('--revision <revision>', 'branch, tag or commit on the Hub')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka embed BAAI/bge-small-en-v1.5 "a cat" "a dog" --normalize')
    .action((name: string, words: readonly string[], options: EmbedOptions) =>
      run(async (terminal) => {
        const asked = POOLINGS.find((pooling) => pooling === options.pooling)
        if (options.pooling !== undefined && asked === undefined)
          throw cliError('cli/usage', `--pooling ${options.pooling}: choose ${POOLINGS.join(', ')}`, {})
        const texts = words.length > 0 ? words : ((await terminal.readInput()) ?? '').split(/\r?\n/).filter((line) => line !== '')
        if (texts.length === 0) throw cliError('cli/usage', 'there is no text: give it as arguments, or one a line on stdin', {})
        const { checkpoint } = await resolveModel(name, options, terminal)
        try {
          const opened = await openModel(checkpoint)
          const { spec: described } = opened.description
          const own = described.kind === 'encoder' && described.pooling !== 'none' ? described.pooling : 'mean'
          const pooling = asked ?? own
          const normalize = options.normalize ?? (described.kind === 'encoder' && described.normalize)
          const spec = described.kind === 'encoder' ? { ...described, pooling, normalize } : decoderAsEncoder(described, pooling, normalize)
          const { nodeBackend } = await import('@fs/runtime/node')
          const backend = nodeBackend(options.threads === undefined ? {} : { threads: options.threads })
          const model = await openEmbeddingModel({ spec, weights: modelWeights(opened), backend, arithmetic: 'fast' })
          const tokenizer = await tokenizerOf(opened.checkpoint)
          const tokens = texts.map((text) => tokenizer.encode(text, { addSpecialTokens: true }))
          const all: unknown[] = []
          for (const [index, ids] of tokens.entries()) {
            const embedding =
              pooling === 'none' ? rowsOf(await model.tokenVectors(ids), model.hiddenSize) : [...(await model.embed([ids]))[0]!]
            const entry = { text: texts[index], tokens: ids.length, embedding }
            // One document is what --json promises everywhere; without it each line comes as soon as it is computed.
            if (options.json) all.push(entry)
            else terminal.out(`${JSON.stringify(entry)}\n`)
          }
          if (options.json) terminal.out(`${JSON.stringify(all)}\n`)
          await model.dispose()
        } finally {
          await checkpoint.close()
        }
        return EXIT.done
      }),
    )
}

function rowsOf(values: Float32Array, width: number): readonly (readonly number[])[] {
  return Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)])
}
