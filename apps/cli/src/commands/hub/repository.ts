// `fartsovka hub whoami` and `fartsovka hub create`.
import { parseModelId } from '@fs/hub'
import { account, createRepository } from '@fs/hub/publish'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { EXIT } from '../../exit-codes.ts'
import { type PublishOptions, publishingAccess, tellResult } from './access.ts'

export const defineWhoami: CommandDefinition = (hub, run) => {
  hub
    .command('whoami')
    .description('whose token it is, and what it may do')
    .addHelpText('after', '\nExample:\n  fartsovka hub whoami')
    .action((options: CommonOptions) =>
      run(async (terminal) => {
        const { name, organizations, role } = await account(await publishingAccess(terminal))
        const member = organizations.length === 0 ? '' : `, member of ${organizations.join(', ')}`
        tellResult({ name, organizations, role }, `${name}${role === undefined ? '' : ` (${role})`}${member}`, options, terminal)
        return EXIT.done
      }),
    )
}

export const defineCreate: CommandDefinition = (hub, run) => {
  hub
    .command('create')
    .description('create an empty model repository')
    .argument('<repository>', 'org/name')
    .option('--private', 'visible to its owners only')
    .option('--dry-run', 'say what would be done and do nothing')
    .addHelpText('after', '\nExample:\n  fartsovka hub create me/model-GGUF --private')
    .action((name: string, options: PublishOptions & { readonly private?: true }) =>
      run(async (terminal) => {
        const { repository } = parseModelId(name)
        const visibility = options.private ? 'private' : 'public'
        const access = await publishingAccess(terminal)
        if (options.dryRun) {
          tellResult(
            { dryRun: true, repository, visibility },
            `would create ${repository}, ${visibility}, on ${access.endpoint}`,
            options,
            terminal,
          )
          return EXIT.done
        }
        const address = await createRepository(access, repository, visibility)
        tellResult({ repository, visibility, address }, address, options, terminal)
        return EXIT.done
      }),
    )
}
