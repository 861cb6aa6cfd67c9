// Remembers which bands of an unfinished output are safely written, so that a stopped conversion continues where it was.
// The journal lies beside the partial file and belongs to one exact plan; any difference starts over.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  const done = readDone(path, fingerprint, bands) ?? new Uint8Array(bands)
  const save = (map: Uint8Array) => replace(path, JSON.stringify({ fingerprint, done: Buffer.from(map).toString('base64') }))
  // Written now, so that it has its room on a disk that becomes full. Without room for it at all the conversion will say so itself.
  try {
    save(done)
  } catch {}
  return {
    done,
    save,
    remove: () => {
      rmSync(path, { force: true })
      rmSync(`${path}.new`, { force: true })
    },
  }
}

/**
 * Puts `text` in place of the old record at once, or, when the disk has no room for a second file, over it: records of one plan have one
 * length, and a record half of the old and half of the new bytes is true as well, as bands are only ever added.
 */
function replace(path: string, text: string): void {
  try {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    rmSync(`${path}.new`, { force: true })
    if (!existsSync(path)) throw cause
    writeFileSync(path, text, { flag: 'r+' })
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
