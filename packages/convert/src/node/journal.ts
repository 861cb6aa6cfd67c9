// Remembers which bands of an unfinished output are safely written, so that a stopped conversion continues where it was.
// The journal lies beside the partial file and belongs to one exact plan; any difference starts over.
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { ConversionPlan } from '../plan/conversion-plan.ts'

export type Journal = {
  /** Bands an earlier run finished, one byte each; all zero for a fresh start. */
  readonly done: Uint8Array
  /** Records more finished bands. Call it only after their bytes are on the disk. */
  save(done: Uint8Array): void
  remove(): void
}

/** @param path of the journal; a damaged or foreign one counts as none */
export function openJournal(path: string, plan: ConversionPlan, bands: number, sourceStamps: readonly string[]): Journal {
  const fingerprint = fingerprintOf(plan, bands, sourceStamps)
  return {
    done: readDone(path, fingerprint, bands) ?? new Uint8Array(bands),
    save: (done) => {
      const text = JSON.stringify({ fingerprint, done: Buffer.from(done).toString('base64') })
      writeFileSync(`${path}.new`, text)
      renameSync(`${path}.new`, path)
    },
    remove: () => {
      rmSync(path, { force: true })
      rmSync(`${path}.new`, { force: true })
    },
  }
}

function readDone(path: string, fingerprint: string, bands: number): Uint8Array | undefined {
  try {
    const saved: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof saved !== 'object' || saved === null || !('fingerprint' in saved) || !('done' in saved)) return undefined
    if (saved.fingerprint !== fingerprint || typeof saved.done !== 'string') return undefined
    const done = Uint8Array.from(Buffer.from(saved.done, 'base64'))
    return done.length === bands ? done : undefined
  } catch {
    return undefined
  }
}

/** Everything the bytes depend on: the plan with its literals, and when the sources were last changed. */
function fingerprintOf(plan: ConversionPlan, bands: number, sourceStamps: readonly string[]): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify({ bands, sourceStamps, sources: plan.sources, jobs: plan.jobs }))
  for (const output of plan.outputs) {
    hash.update(`${output.path} ${output.size}`)
    for (const { offset, bytes } of output.literals) hash.update(String(offset)).update(bytes)
  }
  for (const importance of plan.importance) hash.update(new Uint8Array(importance.buffer, importance.byteOffset, importance.byteLength))
  return hash.digest('hex')
}
