// `fartsovka hub card`: the README.md of a repository of GGUF files, made from what the files say of themselves. Nothing is sent.
import { basename } from 'node:path'
import type { Checkpoint } from '@fs/core'
import { openPath } from '@fs/formats/node'
import { parseModelId } from '@fs/hub'
import { type ModelCard, modelCard } from '@fs/hub/publish'
import { fileTypeById } from '@fs/quant/recipes'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { type ForceOption, outputFile, writeOutput } from '../../output-file.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import { readRecord, recordInWords } from '../../verification-record/record.ts'
import { tellResult } from './access.ts'

type CardOptions = CommonOptions &
  ForceOption & {
    readonly repository: string
    readonly baseModel?: string
    readonly license?: string
    readonly output?: string
  }

export const defineCard: CommandDefinition = (hub, run) => {
  hub
    .command('card')
    .description('write the model card of GGUF files')
    .argument('<file...>', 'GGUF files; of a split one the first part')
    .requiredOption('--repository <org/name>', 'where they will be published')
    .option('--base-model <org/name>', 'what they were converted from')
    .option('--license <id>', 'the licence (default: what the files say)')
    .option('-o, --output <file>', 'write it here instead of printing it')
    .option('--force', 'overwrite an existing file')
    .addHelpText('after', '\nExample:\n  fartsovka hub card out/*.gguf --repository me/model-GGUF --base-model org/model -o out/README.md')
    .action((files: readonly string[], options: CardOptions) =>
      run(async (terminal) => {
        const { repository } = parseModelId(options.repository)
        const described = await Promise.all(files.map((file) => describe(file, terminal)))
        const license = options.license ?? described[0]?.license
        const card = modelCard({
          repository,
          ...(options.baseModel === undefined ? {} : { baseModel: options.baseModel }),
          ...(license === undefined ? {} : { license }),
          use: described[0]?.use ?? 'text-generation',
          files: described,
        })
        if (options.output === undefined) {
          if (options.json) tellResult({ repository, card }, '', options, terminal)
          else terminal.out(card)
          return EXIT.done
        }
        const output = outputFile(options.output, options, terminal)
        writeOutput(output, card)
        tellResult({ repository, file: output.path }, options.output, options, terminal)
        return EXIT.done
      }),
    )
}

type Described = ModelCard['files'][number] & { readonly license: string | undefined; readonly use: ModelCard['use'] }

async function describe(file: string, terminal: Terminal): Promise<Described> {
  const checkpoint = await openPath(userPath(terminal, file))
  try {
    if (checkpoint.container !== 'gguf') throw cliError('cli/usage', `${file} is not a GGUF file; a card is made of GGUF files`, { file })
    const record = readRecord(checkpoint.metadata ?? new Map())
    return {
      name: basename(file),
      ...(record === undefined ? {} : { verified: recordInWords(record) }),
      bytes: checkpoint.tensors.files.reduce((sum, { size }) => sum + size, 0),
      quant: quantOf(checkpoint),
      license: text(checkpoint, 'general.license'),
      use: [...(checkpoint.metadata?.keys() ?? [])].some((key) => key.endsWith('.pooling_type')) ? 'embedding' : 'text-generation',
    }
  } finally {
    await checkpoint.close()
  }
}

/** The name llama.cpp gives the file type; mixtures nobody named are called by their commonest type. */
function quantOf({ metadata, tensors }: Checkpoint): string {
  const id = metadata?.get('general.file_type')
  const named = id?.type === 'UINT32' ? fileTypeById(id.value) : undefined
  if (named !== undefined) return named
  const bytes = new Map<string, number>()
  for (const { type, byteLength } of tensors.tensors.values()) bytes.set(type, (bytes.get(type) ?? 0) + byteLength)
  return [...bytes].sort((left, right) => right[1] - left[1])[0]?.[0] ?? 'vocabulary'
}

function text({ metadata }: Checkpoint, key: string): string | undefined {
  const value = metadata?.get(key)
  return value?.type === 'STRING' ? value.value : undefined
}
