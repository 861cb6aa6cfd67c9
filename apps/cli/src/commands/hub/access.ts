// What the publishing commands share: access to the Hub as the environment says, and how a dry run is told.
import type { HubAccess } from '@fs/hub'
import { readHubEnvironment } from '@fs/hub/node'
import type { CommonOptions } from '../../command.ts'
import { printable } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

export type PublishOptions = CommonOptions & { readonly dryRun?: true }

/** @throws FsError `hub/bad-endpoint`, `hub/bad-token`, `hub/bad-proxy` */
export async function publishingAccess(terminal: Terminal): Promise<HubAccess> {
  const { access } = await readHubEnvironment(terminal.environment)
  return { ...access, signal: terminal.signal }
}

/** One JSON document, or the sentence. */
export function tellResult(facts: { readonly [key: string]: unknown }, sentence: string, options: CommonOptions, terminal: Terminal): void {
  terminal.out(options.json ? `${JSON.stringify(facts, null, 2)}\n` : `${printable(sentence)}\n`)
}
