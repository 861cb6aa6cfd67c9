// Brings one blob into the cache: resumed, checked, and under its name only when complete.
// Which blobs are wanted and where they appear in a snapshot is `snapshot.ts`.
import { rename, stat } from 'node:fs/promises'
import { FsError } from '@fs/core'
import { DEFAULT_PATIENCE, type HubAccess, type Patience } from '../access.ts'
import { pieces, refuseWebPage } from '../body.ts'
import { hubError } from '../errors.ts'
import { contentAddress } from '../listing.ts'
import { discard, type HubAnswer, hubRequest, sleep } from '../request.ts'
import type { RepositoryCache } from './cache-layout.ts'
import type { IdentifiedFile } from './file-identity.ts'
import { withLock } from './lock.ts'
import { PartialFile } from './partial-file.ts'

export type BlobDownload = {
  readonly access: HubAccess
  readonly cache: RepositoryCache
  readonly repository: string
  readonly commit: string
  readonly file: IdentifiedFile
  /** Called with the bytes the blob has by now; falls when a download has to start over. */
  readonly onBytes?: (bytes: number) => void
  readonly onLock?: () => void
  /** Most bytes asked for in one request. */
  readonly segment?: number
}

/** The Hub's storage refuses single answers above 50 GB (MAX_HTTP_DOWNLOAD_SIZE in huggingface_hub), and signed addresses expire. */
const SEGMENT = 8 * 2 ** 30
/** Times a file may prove to be another one than before. */
const MOST_CHANGES = 3

/**
 * Makes `blobs/<blobName>` exist with the listed size and hash. A kill at any moment leaves either nothing, an `.incomplete` file that
 * the next call goes on with, or the whole blob.
 * @throws FsError of `hubRequest`; `hub/size-mismatch`, `hub/hash-mismatch`, `hub/changed`, `hub/cut`; file system errors as they are
 */
export async function downloadBlob(job: BlobDownload): Promise<void> {
  const { access, cache, file } = job
  const target = cache.blob(file.blobName)
  const incomplete = `${target}.incomplete`
  const options = { ...(access.signal ? { signal: access.signal } : {}), ...(job.onLock ? { onWait: job.onLock } : {}) }
  await withLock(
    cache.lock(file.blobName),
    async () => {
      if (await hasSize(target, file.size)) return
      const partial = await PartialFile.open(incomplete, file)
      try {
        await fill(job, partial)
        await partial.sync()
      } finally {
        await partial.close()
      }
      await rename(incomplete, target)
    },
    options,
  )
  job.onBytes?.(file.size)
}

/** True for a file, or a link to one, of exactly this many bytes. */
export async function hasSize(path: string, size: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true && found.size === size
}

async function fill(job: BlobDownload, partial: PartialFile): Promise<void> {
  const leftover = partial.position
  job.onBytes?.(leftover)
  await fetchRest(job, partial)
  if (partial.holds()) return
  await partial.startOver()
  if (leftover === 0) throw wrongHash(job)
  // What an earlier run or another program left was not the beginning of this file.
  await fetchRest(job, partial)
  if (partial.holds()) return
  await partial.startOver()
  throw wrongHash(job)
}

async function fetchRest(job: BlobDownload, partial: PartialFile): Promise<void> {
  const { access, file } = job
  const patience: Patience = { ...DEFAULT_PATIENCE, ...access.patience }
  let etag: string | undefined
  let changes = 0
  for (let fruitless = 0; partial.position < file.size; ) {
    const before = partial.position
    const end = Math.min(file.size, before + (job.segment ?? SEGMENT))
    const answer = await ask(job, before, end)
    const seen = etagOf(answer)
    const refused = answer.response.status === 416
    if (refused && before === 0) throw wrongSize(job, 'nothing')
    if (refused || isOther(file, etag, seen)) {
      await discard(answer.response)
      if (++changes > MOST_CHANGES)
        throw hubError('hub/changed', `${file.path} of ${job.repository} keeps changing on the server; run again later`, {
          file: file.path,
          repository: job.repository,
        })
      await partial.startOver()
      job.onBytes?.(0)
      etag = undefined
      continue
    }
    etag = seen
    await receive(job, partial, answer)
    if (partial.position >= end) continue
    fruitless = partial.position > before ? 0 : fruitless + 1
    if (fruitless >= patience.tries)
      throw hubError(
        'hub/cut',
        `${file.path} of ${job.repository}: the connection broke ${fruitless} times at byte ${before} of ${file.size}; run again to go on from there`,
        {
          file: file.path,
          position: before,
        },
      )
    const pause = patience.firstPause * 2 ** fruitless
    access.onPause?.({ reason: 'cut', milliseconds: pause })
    await sleep(pause, access.signal)
  }
}

async function ask({ access, repository, commit, file }: BlobDownload, start: number, end: number): Promise<HubAnswer> {
  const whole = start === 0 && end === file.size
  const answer = await hubRequest(access, {
    url: contentAddress(access, repository, commit, file.path),
    // Compressed answers have neither ranges nor lengths one could check.
    headers: { 'accept-encoding': 'identity', ...(whole ? {} : { range: `bytes=${start}-${end - 1}` }) },
    subject: { repository, revision: commit, file: file.path },
    accept: [416],
  })
  if (answer.response.ok && !/\.html?$/i.test(file.path)) await refuseWebPage(answer)
  return answer
}

function etagOf({ firstHeaders }: HubAnswer): string | undefined {
  const text = firstHeaders.get('x-linked-etag') ?? firstHeaders.get('etag')
  return text?.replace(/^W\//, '').replaceAll('"', '')
}

/** True when the answer is about other content than the listing or the previous answer. */
function isOther({ sha256 }: IdentifiedFile, before: string | undefined, seen: string | undefined): boolean {
  if (seen === undefined) return false
  return (before !== undefined && before !== seen) || (sha256 !== undefined && /^[0-9a-f]{64}$/.test(seen) && seen !== sha256)
}

/** Appends the answer's body. A cut or silent connection ends it early without an error; the caller sees how far it came. */
async function receive(job: BlobDownload, partial: PartialFile, answer: HubAnswer): Promise<void> {
  const { access, file } = job
  if (!(await beginsWhereWeAre(job, partial, answer))) return
  try {
    for await (const piece of pieces(access, answer)) {
      if (partial.position + piece.length > file.size) throw wrongSize(job, `more than ${file.size}`)
      await partial.append(piece)
      job.onBytes?.(partial.position)
    }
  } catch (error) {
    if (!FsError.is(error) || error.code !== 'hub/unreachable') throw error
  }
}

/** Checks every size the answer declares, and starts over when it sends the file from its beginning. */
async function beginsWhereWeAre(job: BlobDownload, partial: PartialFile, { response, firstHeaders }: HubAnswer): Promise<boolean> {
  const { size } = job.file
  const linked = firstHeaders.get('x-linked-size')
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '') ?? []
  const whole = response.status !== 206
  const encoded = (response.headers.get('content-encoding') ?? 'identity') !== 'identity'
  const declared = linked ?? (whole ? (encoded ? null : response.headers.get('content-length')) : total === '*' ? null : total)
  if (declared !== null && declared !== undefined && Number(declared) !== size) {
    await discard(response)
    throw wrongSize(job, declared)
  }
  if (whole ? partial.position === 0 : Number(start) === partial.position && !encoded) return true
  if (whole) {
    await partial.startOver()
    job.onBytes?.(0)
    return true
  }
  await discard(response)
  return false
}

function wrongSize({ file, repository }: BlobDownload, found: string) {
  return hubError(
    'hub/size-mismatch',
    `${file.path} of ${repository} should have ${file.size} bytes, but the server sends ${found}; run again, and if it stays so tell the repository's owner`,
    {
      file: file.path,
      expected: file.size,
      found,
    },
  )
}

function wrongHash({ file, repository }: BlobDownload) {
  return hubError(
    'hub/hash-mismatch',
    `${file.path} of ${repository} does not have the content the repository lists; the transfer was damaged or a proxy altered it, run again`,
    {
      file: file.path,
      expected: file.sha256 ?? file.gitHash,
    },
  )
}
