// Uploads files as one commit: small ones into git, large ones into the storage first, in parts, skipping what is stored already.
// Storage is the Git LFS protocol with the Hub's parts; Xet would save bytes on similar files but cannot be checked against a server of ours.

import { unsafePathReason } from '@fs/core'
import { type CommitOutput, type CommitProgressEvent, commitIter } from '@huggingface/hub'
import type { HubAccess } from '../access.ts'
import { hubError } from '../errors.ts'
import { checkRepository, isCommit } from '../model-id.ts'
import { asPublisher, publishFetch } from './publish-request.ts'

export type UploadFile = {
  /** Path in the repository. */
  readonly path: string
  /** The content; in Node `openAsBlob` reads a file piece by piece. */
  readonly content: Blob
}

/** `share` runs from 0 to 1 within its phase. */
export type UploadProgress =
  | { readonly kind: 'phase'; readonly phase: 'preparing' | 'uploading' | 'committing' }
  | { readonly kind: 'file'; readonly path: string; readonly phase: 'hashing' | 'uploading'; readonly share: number }

export type Upload = {
  readonly repository: string
  readonly files: readonly UploadFile[]
  /** First line of the commit's message. */
  readonly title: string
  /** Branch; `main` by default. */
  readonly branch?: string
  readonly onProgress?: (progress: UploadProgress) => void
}

/**
 * Adds or replaces files in one commit. Run again after a failure, it sends only what is not stored yet.
 * @returns the commit's hash
 * @throws FsError `hub/no-token`, `hub/bad-id`, `hub/unsafe-name`, `hub/upload-refused`, and those of `hubRequest`
 */
export async function uploadFiles(access: HubAccess, { repository, files, title, branch = 'main', onProgress }: Upload): Promise<string> {
  checkRepository(repository, branch)
  for (const { path } of files) {
    const reason = unsafePathReason(path)
    if (reason !== undefined)
      throw hubError('hub/unsafe-name', `The name ${JSON.stringify(path)} ${reason}; choose another name in the repository`, { name: path })
  }
  const parts = new Map<string, number>()
  const fetch = publishFetch(access, { repository, revision: branch }, (path, count) => {
    const done = (parts.get(path) ?? 0) + 1
    parts.set(path, done)
    onProgress?.({ kind: 'file', path, phase: 'uploading', share: done / count })
  })
  const output = await asPublisher(`Uploading to ${repository}`, async () => {
    const events = commitIter({
      repo: { type: 'model', name: repository },
      operations: files.map(({ path, content }) => ({ operation: 'addOrUpdate', path, content })),
      title,
      branch,
      hubUrl: access.endpoint,
      useXet: false,
      fetch,
      ...(access.signal === undefined ? {} : { abortSignal: access.signal }),
    })
    return drain(events, onProgress)
  })
  const commit = output?.commit.oid
  if (commit !== undefined && isCommit(commit)) return commit
  throw hubError(
    'hub/bad-answer',
    `The Hub took the files for ${repository} and names no commit; look at ${access.endpoint}/${repository}/commits/${branch}`,
    { repository },
  )
}

async function drain(
  events: AsyncGenerator<CommitProgressEvent, CommitOutput | undefined>,
  onProgress: Upload['onProgress'],
): Promise<CommitOutput | undefined> {
  while (true) {
    const { done, value } = await events.next()
    if (done) return value
    if (value.event === 'phase') onProgress?.({ kind: 'phase', phase: PHASES[value.phase] })
    else if (value.state !== 'error') onProgress?.({ kind: 'file', path: value.path, phase: value.state, share: value.progress })
  }
}

const PHASES = { preuploading: 'preparing', uploadingLargeFiles: 'uploading', committing: 'committing' } as const
