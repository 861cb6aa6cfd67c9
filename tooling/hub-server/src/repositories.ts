// What the server holds: repositories, their commits and the content of files, all in memory.
// It knows nothing of HTTP; hashes are computed as git and Git LFS compute them.
import { createHash } from 'node:crypto'

export type Content = Uint8Array | string

/** Who may see a repository: everybody, everybody its list but only some its files, or only some at all. */
export type Visibility = 'public' | 'gated' | 'private'

export type StoredFile = {
  readonly path: string
  readonly bytes: Uint8Array
  /** Git's hash: of the content, or of the LFS pointer. */
  readonly gitHash: string
  /** Present for files in large-file storage. */
  readonly sha256?: string
}

export type Repository = {
  readonly name: string
  visibility: Visibility
  /** Whether listings give hashes; a mirror may not. */
  hashes: 'listed' | 'absent'
  readonly commits: Map<string, ReadonlyMap<string, StoredFile>>
  /** Branches and tags. */
  readonly refs: Map<string, string>
}

/** As in the `.gitattributes` the Hub gives new repositories, for the kinds of files tests use. */
const LARGE = /\.(safetensors|bin|gguf|pth|pt|onnx|model)$|(^|\/)tokenizer\.json$/

/** Files of a commit, with their hashes. Names are kept as they are, however unwise. */
export function storeFiles(contents: { readonly [path: string]: Content }): ReadonlyMap<string, StoredFile> {
  const files = new Map<string, StoredFile>()
  for (const [path, content] of Object.entries(contents)) {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
    files.set(path, LARGE.test(path) ? largeFile(path, bytes) : { path, bytes, gitHash: gitHashOf(bytes) })
  }
  return files
}

function largeFile(path: string, bytes: Uint8Array): StoredFile {
  const sha256 = sha256Of(bytes)
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${bytes.length}\n`
  return { path, bytes, sha256, gitHash: gitHashOf(new TextEncoder().encode(pointer)) }
}

export function sha256Of(content: Content): string {
  return createHash('sha256').update(content).digest('hex')
}

function gitHashOf(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** A commit's hash. Ours covers the names and contents alone, so equal contents are equal commits. */
export function commitHash(files: ReadonlyMap<string, StoredFile>): string {
  const hash = createHash('sha1')
  for (const { path, gitHash } of files.values()) hash.update(`${gitHash} ${path}\n`)
  return hash.digest('hex')
}
