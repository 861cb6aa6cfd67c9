// `fartsovka hub collection create` and `fartsovka hub collection add`.
import { parseModelId } from '@fs/hub'
import { account, addToCollection, createCollection } from '@fs/hub/publish'
import type { CommandDefinition } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { type PublishOptions, publishingAccess, tellResult } from './access.ts'

type CreateOptions = PublishOptions & { readonly namespace?: string; readonly description?: string; readonly private?: true }
type AddOptions = PublishOptions & { readonly note?: string }

export const defineCollections: CommandDefinition = (hub, run) => {
  const collection = hub.command('collection').description('lists of models under a title')
  collection
    .command('create')
    .description('create an empty collection')
    .argument('<title>', 'its title')
    .option('--namespace <name>', 'account or organization (default: the token’s account)')
    .option('--description <text>', 'what it is about')
    .option('--private', 'visible to its owners only')
    .option('--dry-run', 'say what would be done and do nothing')
    .addHelpText('after', '\nExample:\n  fartsovka hub collection create "Small models"')
    .action((title: string, options: CreateOptions) =>
      run(async (terminal) => {
        const access = await publishingAccess(terminal)
        const visibility = options.private ? 'private' : 'public'
        if (options.dryRun) {
          const where = options.namespace ?? 'the token’s account'
          const facts = { dryRun: true, title, namespace: options.namespace, visibility }
          tellResult(facts, `would create the collection "${title}", ${visibility}, in ${where} on ${access.endpoint}`, options, terminal)
          return EXIT.done
        }
        const namespace = options.namespace ?? (await account(access)).name
        const { description } = options
        const slug = await createCollection(access, { namespace, title, visibility, ...(description === undefined ? {} : { description }) })
        tellResult({ slug, address: `${access.endpoint}/collections/${slug}` }, slug, options, terminal)
        return EXIT.done
      }),
    )
  collection
    .command('add')
    .description('add a model to a collection')
    .argument('<collection>', 'as in its address: org/title-0123456789abcdef01234567')
    .argument('<repository>', 'org/name')
    .option('--note <text>', 'shown beside the model')
    .option('--dry-run', 'say what would be done and do nothing')
    .addHelpText('after', '\nExample:\n  fartsovka hub collection add me/small-models-0123456789abcdef01234567 me/model-GGUF')
    .action((slug: string, name: string, options: AddOptions) =>
      run(async (terminal) => {
        const { repository } = parseModelId(name)
        const access = await publishingAccess(terminal)
        const { note } = options
        if (options.dryRun) {
          tellResult(
            { dryRun: true, collection: slug, repository },
            `would add ${repository} to ${slug} on ${access.endpoint}`,
            options,
            terminal,
          )
          return EXIT.done
        }
        await addToCollection(access, slug, { repository, ...(note === undefined ? {} : { note }) })
        tellResult({ collection: slug, repository }, `${access.endpoint}/collections/${slug}`, options, terminal)
        return EXIT.done
      }),
    )
}
