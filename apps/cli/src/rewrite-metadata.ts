// Writes a GGUF file anew with other metadata and puts it in the old one's place in one step. Tensor data is copied as it is.
import { renameSync, rmSync } from 'node:fs'
import { executePlan } from '@fs/convert/node'
import { planCopy } from '@fs/convert/plan'
import type { Checkpoint, MetadataValue } from '@fs/core'
import { cliError } from './errors.ts'

/** @param metadata all of it @throws FsError `cli/usage` for a file of several parts */
export async function rewriteMetadata(
  checkpoint: Checkpoint,
  metadata: ReadonlyMap<string, MetadataValue>,
  options: { readonly signal: AbortSignal; readonly threads?: number },
): Promise<void> {
  const [file, ...others] = checkpoint.tensors.files
  if (file?.location.kind !== 'file' || others.length > 0)
    throw cliError('cli/usage', `${checkpoint.name} is in several parts or not on this disk; merge it first, then write into the whole`, {})
  const temporary = `${file.location.path}.rewritten`
  try {
    const { plan } = planCopy({ ...checkpoint, metadata }, temporary, {})
    await executePlan(plan, { existing: 'replace', ...options })
    renameSync(temporary, file.location.path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
