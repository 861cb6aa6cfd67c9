// `fartsovka embed`: texts as vectors, one JSON line each.
import { modelWeights, openModel } from '@fs/convert'
import type { Checkpoint } from '@fs/core'
import { decoderAsEncoder, openEmbeddingModel } from '@fs/runtime'
import type { Tokenizer } from '@fs/tokenizer'
import type { CommandDefinition, CommonOptions } from '../command.ts'
import { isExported, openExportedVectors } from '../engine/exported-model.ts'
import { localBackend } from '../engine/local-backend.ts'
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
          const wanted = {
            ...(asked === undefined ? {} : { pooling: asked }),
            ...(options.normalize ? { normalize: true as const } : {}),
            ...(options.threads === undefined ? {} : { threads: options.threads }),
          }
          const { tokenizer, embed, close } = await (isExported(checkpoint)
            ? openExport(checkpoint, wanted)
            : openDescribed(checkpoint, wanted))
          const tokens = texts.map((text) => tokenizer.encode(text, { addSpecialTokens: true }))
          const all: unknown[] = []
          for (const [index, ids] of tokens.entries()) {
            const embedding = await embed(ids)
            const entry = { text: texts[index], tokens: ids.length, embedding }
            // One document is what --json promises everywhere; without it each line comes as soon as it is computed.
            if (options.json) all.push(entry)
            else terminal.out(`${JSON.stringify(entry)}\n`)
          }
          if (options.json) terminal.out(`${JSON.stringify(all)}\n`)
          await close()
        } finally {
          await checkpoint.close()
        }
        return EXIT.done
      }),
    )
}

type Pooling = (typeof POOLINGS)[number]
type Wanted = { readonly pooling?: Pooling; readonly normalize?: true; readonly threads?: number }

type Embedder = {
  readonly tokenizer: Tokenizer
  /** One vector, or one for each token where nothing is pooled. */
  readonly embed: (tokens: readonly number[]) => Promise<readonly number[] | readonly (readonly number[])[]>
  readonly close: () => Promise<void>
}

async function openDescribed(checkpoint: Checkpoint, wanted: Wanted): Promise<Embedder> {
  const opened = await openModel(checkpoint)
  const { spec: described } = opened.description
  const own = described.kind === 'encoder' && described.pooling !== 'none' ? described.pooling : 'mean'
  const pooling = wanted.pooling ?? own
  const normalize = wanted.normalize ?? (described.kind === 'encoder' && described.normalize)
  const spec = described.kind === 'encoder' ? { ...described, pooling, normalize } : decoderAsEncoder(described, pooling, normalize)
  const backend = await localBackend(wanted.threads)
  const model = await openEmbeddingModel({ spec, weights: modelWeights(opened), backend, arithmetic: 'fast' })
  return {
    tokenizer: await tokenizerOf(opened.checkpoint),
    embed: async (tokens) =>
      pooling === 'none' ? rowsOf(await model.tokenVectors(tokens), model.hiddenSize) : [...(await model.embed([tokens]))[0]!],
    close: () => model.dispose(),
  }
}

/** An export pools as it was made to; any other way is done here, from its token vectors. */
async function openExport(checkpoint: Checkpoint, { pooling, normalize, threads }: Wanted): Promise<Embedder> {
  const model = await openExportedVectors(checkpoint, threads === undefined ? {} : { threads })
  const scaled = (vector: readonly number[]) => (normalize ? unitVector(vector) : vector)
  return {
    tokenizer: await tokenizerOf(checkpoint),
    embed: async (tokens) => {
      if (pooling === undefined && model.dimension !== null) return scaled([...(await model.embed([tokens]))[0]!])
      const rows = rowsOf(await model.tokenVectors(tokens), model.hiddenSize)
      return pooling === 'none' ? rows : scaled(pooled(rows, pooling ?? 'mean'))
    },
    close: () => model.dispose(),
  }
}

function pooled(rows: readonly (readonly number[])[], pooling: Exclude<Pooling, 'none'>): readonly number[] {
  switch (pooling) {
    case 'first':
      return rows[0]!
    case 'last':
      return rows.at(-1)!
    case 'mean':
      return rows[0]!.map((_, column) => rows.reduce((sum, row) => sum + row[column]!, 0) / rows.length)
    default:
      return pooling satisfies never
  }
}

function unitVector(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => value / Math.max(length, 1e-12))
}

function rowsOf(values: Float32Array, width: number): readonly (readonly number[])[] {
  return Array.from({ length: values.length / width }, (_, row) => [...values.subarray(row * width, (row + 1) * width)])
}
