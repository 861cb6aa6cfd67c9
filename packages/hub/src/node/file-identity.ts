// What a file of a repository is called in `blobs/`, and how its content is checked.
// Both come from the listing; servers that list no hashes are asked for the file's ETag.
import { createHash, type Hash } from 'node:crypto'
import type { HubAccess } from '../access.ts'
import { hubError } from '../errors.ts'
import { contentAddress, type HubFile } from '../listing.ts'
import { isCommit } from '../model-id.ts'
import { discard, hubRequest } from '../request.ts'
import { blobNameOfEtag, safeParts } from './cache-layout.ts'

/** A file whose blob has a name. */
export type IdentifiedFile = HubFile & { readonly blobName: string }

/**
 * The file's identity: LFS hash, git hash, or the ETag of its address, in that order. All three are what huggingface_hub, which
 * always takes the ETag, calls the blob too.
 * @throws FsError of `hubRequest`, `hub/unsafe-name`, `hub/bad-answer` when there is no ETag
 */
export async function identify(access: HubAccess, repository: string, commit: string, file: HubFile): Promise<IdentifiedFile> {
  safeParts(file.path)
  const known = file.sha256 ?? file.gitHash
  if (known !== undefined) return { ...file, blobName: known }
  const answer = await hubRequest(access, {
    url: contentAddress(access, repository, commit, file.path),
    method: 'HEAD',
    headers: { 'accept-encoding': 'identity' },
    subject: { repository, revision: commit, file: file.path },
  })
  await discard(answer.response)
  const linked = answer.firstHeaders.get('x-linked-etag')
  const etag = linked ?? answer.firstHeaders.get('etag') ?? answer.response.headers.get('etag')
  if (etag === null)
    throw hubError('hub/bad-answer', `The server gives ${file.path} of ${repository} neither a hash nor an ETag; check HF_ENDPOINT`, {
      repository,
      file: file.path,
    })
  const blobName = blobNameOfEtag(etag)
  if (linked === null || !isCommit(blobName)) return { ...file, blobName }
  return blobName.length === 64 ? { ...file, blobName, sha256: blobName } : { ...file, blobName, gitHash: blobName }
}

/** Takes the content piece by piece and then tells whether it is the listed one. */
export type ContentCheck = { update(bytes: Uint8Array): void; holds(): boolean }

/** The check the file's identity allows. An opaque ETag allows none beyond the size. */
export function contentCheck({ sha256, gitHash, size }: HubFile): ContentCheck {
  if (sha256 !== undefined) return hashCheck(createHash('sha256'), sha256)
  if (gitHash === undefined) return { update: () => undefined, holds: () => true }
  return hashCheck(createHash(gitHash.length === 40 ? 'sha1' : 'sha256').update(`blob ${size}\0`), gitHash)
}

function hashCheck(hash: Hash, expected: string): ContentCheck {
  return { update: (bytes) => hash.update(bytes), holds: () => hash.digest('hex') === expected }
}
