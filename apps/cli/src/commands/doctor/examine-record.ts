// Whether what a file says of its own verification is about the weights it has. Reads them all; files without a record cost nothing.
import type { Checkpoint } from '@fs/core'
import { readRecord, tensorsDigest } from '../../verification-record/record.ts'
import type { Finding } from './examine.ts'

export async function examineRecord(checkpoint: Checkpoint, signal: AbortSignal): Promise<readonly Finding[]> {
  const record = readRecord(checkpoint.metadata ?? new Map())
  if (record === undefined || record.tensors === (await tensorsDigest(checkpoint, signal))) return []
  const message = `its record of a verification against ${record.reference} is of other weights; verify --record finds what is true of these`
  return [{ code: 'stale-record', message, repair: new Map() }]
}
