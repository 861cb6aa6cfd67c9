// Writes the record of a verification into the GGUF file it is about, in one step. Weights stay as they are, to the byte.
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Verification } from '@fs/eval'
import { cliError } from '../errors.ts'
import { openLocal } from '../open-local.ts'
import { rewriteMetadata } from '../rewrite-metadata.ts'
import { type Terminal, userPath } from '../terminal/terminal.ts'
import { recordEntries, tensorsDigest, withoutRecord } from './record.ts'

/** Before anything is measured. @throws FsError `cli/usage` for what has no place for a record */
export function checkRecordable(candidate: string, terminal: Terminal): void {
  const path = userPath(terminal, candidate)
  const refuse = (why: string) => cliError('cli/usage', `--record writes into a GGUF file, and ${candidate} ${why}`, { candidate })
  if (!existsSync(path)) throw refuse('is not on this disk')
  if (!path.endsWith('.gguf')) throw refuse('is none')
}

export async function writeRecord(
  verification: Verification,
  terminal: Terminal,
  options: { readonly threads?: number } = {},
): Promise<void> {
  const checkpoint = await openLocal(userPath(terminal, verification.candidate))
  try {
    const { signal } = terminal
    const entries = recordEntries({
      verification,
      reference: publicName(verification.reference, terminal),
      tool: `fartsovka ${version()}`,
      tensors: await tensorsDigest(checkpoint, signal),
    })
    const metadata = new Map([...withoutRecord(checkpoint.metadata ?? new Map()), ...entries])
    await rewriteMetadata(checkpoint, metadata, { signal, ...(options.threads === undefined ? {} : { threads: options.threads }) })
  } finally {
    await checkpoint.close()
  }
}

/** A Hub id, or the last part of a path: where a model lies on somebody's disk is nobody's business. */
function publicName(reference: string, terminal: Terminal): string {
  const path = userPath(terminal, reference)
  return existsSync(path) ? basename(path) : reference
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}
