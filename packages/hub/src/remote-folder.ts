// A repository as a folder that is read where it is: by ranges, with no local copy.
// How a range is fetched is the caller's: `@fs/formats` has an HTTP source, and this package may not know it.
import type { ByteSource, Folder } from '@fs/core'
import type { HubAccess } from './access.ts'
import { readText } from './body.ts'
import { hubError } from './errors.ts'
import { contentAddress, type Listing, listRepository, resolveCommit } from './listing.ts'
import { hubRequest } from './request.ts'
import type { FileSelector } from './select.ts'

/** Opens random access to an address. `headers` may hold the token: they are for this address and must not follow a redirect to another host. */
export type OpenUrl = (url: string, headers: { readonly [name: string]: string }) => Promise<ByteSource>

export type RemoteFolder = Folder & {
  /** The commit everything is read at, whatever happens to the branch meanwhile. */
  readonly commit: string
}

/** An index of shards is a few MB for the largest models. */
const LARGEST_TEXT = 64 * 2 ** 20

/**
 * The selected files of a repository, each opened when it is asked for.
 * @throws FsError of `hubRequest` and of the selector
 */
export async function remoteFolder(request: {
  readonly repository: string
  readonly revision?: string
  readonly files: FileSelector
  readonly access: HubAccess
  readonly openUrl: OpenUrl
}): Promise<RemoteFolder> {
  const { repository, revision = 'main', access } = request
  const commit = await resolveCommit(access, repository, revision)
  const listing = await listRepository(access, repository, commit)
  const names = await request.files({ ...listing, readText: (name) => remoteText(access, listing, name) })
  const files = new Map<string, { readonly size: number }>()
  for (const name of names) {
    const size = listing.files.get(name)?.size
    if (size !== undefined) files.set(name, { size })
  }
  return {
    name: repository.split('/')[1] ?? repository,
    commit,
    files,
    open: async (name) => {
      const file = files.get(name)
      if (file === undefined)
        throw hubError('hub/file-not-found', `${repository} has no ${name} among the files in use; look at its list of files`, {
          repository,
          file: name,
        })
      const source = await request.openUrl(contentAddress(access, repository, commit, name), authorization(access))
      if (source.size === file.size) return source
      await source.close()
      throw hubError(
        'hub/size-mismatch',
        `${name} of ${repository} should have ${file.size} bytes, but the server offers ${source.size}; run again, and if it stays so tell the repository's owner`,
        {
          file: name,
          expected: file.size,
          found: source.size,
        },
      )
    },
  }
}

function authorization({ accessToken }: HubAccess): { readonly [name: string]: string } {
  return accessToken === undefined ? {} : { authorization: `Bearer ${accessToken}` }
}

async function remoteText(access: HubAccess, { repository, commit, files }: Listing, name: string): Promise<string> {
  const file = files.get(name)
  if (file === undefined)
    throw hubError('hub/file-not-found', `${repository} has no ${name}; look at its list of files`, { repository, file: name })
  const answer = await hubRequest(access, {
    url: contentAddress(access, repository, commit, name),
    subject: { repository, revision: commit, file: name },
  })
  return readText(access, answer, Math.min(file.size, LARGEST_TEXT))
}
