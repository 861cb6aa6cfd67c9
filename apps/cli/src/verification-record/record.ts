// The record of a verification as GGUF metadata, under `fartsovka.verification.`: what was compared, what was allowed, what was found, and of
// which weights. Writing it into a file is `write-record.ts`. Why it is so: docs/decisions/0009-verification-record.md.
import { createHash } from 'node:crypto'
import type { Checkpoint, MetadataValue } from '@fs/core'
import type { Verification } from '@fs/eval'

export type VerificationRecord = {
  readonly holds: boolean
  readonly nmse: number | undefined
  /** A Hub id or the last part of a path: where a model lies on somebody's disk is nobody's business. */
  readonly reference: string
  /** SHA-256 of the weights it was found of. */
  readonly tensors: string
}

const PREFIX = 'fartsovka.verification.'

export type RecordOf = {
  readonly verification: Verification
  /** What the reference may be called in public. */
  readonly reference: string
  /** What verified, with its version. */
  readonly tool: string
  /** `tensorsDigest` of the candidate. */
  readonly tensors: string
}

export function recordEntries({ verification, reference, tool, tensors }: RecordOf): ReadonlyMap<string, MetadataValue> {
  const { holds, engine, referenceEngine, measured, prompts, maxNmse, diagnosis } = verification
  const [string, count, real] = [
    (value: string): MetadataValue => ({ type: 'STRING', value }),
    (value: number): MetadataValue => ({ type: 'UINT32', value }),
    (value: number): MetadataValue => ({ type: 'FLOAT64', value }),
  ]
  const bounded = maxNmse !== null && Number.isFinite(maxNmse)
  const entries: readonly (readonly [string, MetadataValue])[] = [
    ['holds', { type: 'BOOL', value: holds }],
    ['reference', string(reference)],
    ['engine', string(engine)],
    ...(referenceEngine === undefined ? [] : [['reference_engine', string(referenceEngine)] as const]),
    ['measured', string(measured)],
    ['prompts', count(prompts.length)],
    ['tokens', count(prompts.reduce((sum, { tokens }) => sum + tokens, 0))],
    ...(prompts.length === 0 ? [] : [['nmse', real(Math.max(...prompts.map(({ nmse }) => nmse)))] as const]),
    ...(bounded ? [['max_nmse', real(maxNmse)] as const] : []),
    ...(diagnosis === undefined ? [] : [['weights', count(diagnosis.weights.length)] as const]),
    ['tool', string(tool)],
    ['tensors_sha256', string(tensors)],
  ]
  return new Map(entries.map(([key, value]) => [PREFIX + key, value]))
}

/** Undefined where there is none, or only parts of one. */
export function readRecord(metadata: ReadonlyMap<string, MetadataValue>): VerificationRecord | undefined {
  const value = (key: string) => metadata.get(PREFIX + key)
  const [holds, reference, tensors, nmse] = [value('holds'), value('reference'), value('tensors_sha256'), value('nmse')]
  if (holds?.type !== 'BOOL' || reference?.type !== 'STRING' || tensors?.type !== 'STRING') return undefined
  return { holds: holds.value, reference: reference.value, tensors: tensors.value, nmse: nmse?.type === 'FLOAT64' ? nmse.value : undefined }
}

/** In a few words, for a card or a list. */
export function recordInWords({ holds, nmse, reference }: VerificationRecord): string {
  return `${holds ? 'holds' : 'does not hold'}${nmse === undefined ? '' : `, NMSE ${nmse.toExponential(1)}`} against ${reference}`
}

/** The metadata without any record. */
export function withoutRecord(metadata: ReadonlyMap<string, MetadataValue>): ReadonlyMap<string, MetadataValue> {
  return new Map([...metadata].filter(([key]) => !key.startsWith(PREFIX)))
}

/** Bytes that are read at once. */
const BAND = 1 << 22

/** SHA-256 over each tensor's name, type, shape and data, in the file's order: metadata and alignment do not change it. */
export async function tensorsDigest({ tensors }: Checkpoint, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, type, shape, file, offset, byteLength } of tensors.tensors.values()) {
    hash.update(`${name}\n${type}\n${shape}\n`)
    for (let done = 0; done < byteLength; done += BAND) {
      signal.throwIfAborted()
      hash.update(await tensors.files[file]!.read(offset + done, Math.min(BAND, byteLength - done)))
    }
  }
  return hash.digest('hex')
}
