// `fartsovka hub`: what publishing a model needs. Each command says with --dry-run what it would do, and sends nothing then.
import type { CommandDefinition } from '../../command.ts'
import { defineCard } from './card.ts'
import { defineCollections } from './collections.ts'
import { defineCreate, defineWhoami } from './repository.ts'
import { defineUpload } from './upload.ts'

const EXAMPLES = `
Examples:
  fartsovka hub whoami
  fartsovka hub create me/model-GGUF --private
  fartsovka hub card out/*.gguf --repository me/model-GGUF --base-model org/model -o out/README.md
  fartsovka hub upload me/model-GGUF out --dry-run
  fartsovka hub collection create "Small models"
  fartsovka hub collection add me/small-models-0123456789abcdef01234567 me/model-GGUF

The token comes from HF_TOKEN or HF_TOKEN_PATH and must be one that may write.`

export const hubCommand: CommandDefinition = (program, run) => {
  const hub = program.command('hub').description('publish on the Hugging Face Hub: account, repositories, uploads, model card, collections')
  hub.addHelpText('after', EXAMPLES)
  for (const define of [defineWhoami, defineCreate, defineUpload, defineCard, defineCollections]) define(hub, run)
}
