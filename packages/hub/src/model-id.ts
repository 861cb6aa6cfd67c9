// A model's name on the Hub as people type it: `org/name[@revision][:QUANT]`.
// Telling such a name from a local path is the caller's business.
import { unsafePathReason } from '@fs/core'
import { hubError } from './errors.ts'

export type ModelId = {
  /** `org/name`. */
  readonly repository: string
  /** Branch, tag or commit, as typed. */
  readonly revision?: string
  /** Which GGUF of the repository, as typed: `Q4_K_M`, or a whole file name ending in `.gguf`. */
  readonly quant?: string
}

// Rules of `validate_repo_id` (huggingface_hub, utils/_validators.py): word characters, `-` and `.`, neither of the latter at an
// end, no `--` or `..`, at most 96 characters in all, not ending in `.git`. We ask for both parts; one-part names are aliases.
const part = '[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?'
const repositoryPattern = new RegExp(`^${part}/${part}$`)
const idPattern = /^(?:hf:\/\/)?([^@:]+)(?:@([^:]*))?(?::([^:]*))?$/
const quantPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/
/** What git forbids in a branch or tag (git-check-ref-format), beside what the path rule already refuses. */
const refForbidden = /[\s~^[\u007f]|@\{|\.lock(\/|$)|^-/

/**
 * Reads `org/name`, `org/name@revision`, `org/name:QUANT` or all three; `hf://` may stand in front.
 * @throws FsError `hub/bad-id` with what is wrong.
 */
export function parseModelId(text: string): ModelId {
  const [, repository, revision, quant] = idPattern.exec(text) ?? []
  if (repository === undefined || !isRepositoryName(repository)) throw badId(text, 'has no valid `org/name`')
  if (revision !== undefined && !isRevision(revision)) throw badId(text, 'has no valid revision after `@`')
  if (quant !== undefined && !quantPattern.test(quant)) throw badId(text, 'has no valid quantization after `:`')
  return { repository, ...(revision === undefined ? {} : { revision }), ...(quant === undefined ? {} : { quant }) }
}

/** The text `parseModelId` reads back to the same value. */
export function formatModelId({ repository, revision, quant }: ModelId): string {
  return repository + (revision === undefined ? '' : `@${revision}`) + (quant === undefined ? '' : `:${quant}`)
}

/** True for `org/name` by the Hub's own rules. */
export function isRepositoryName(text: string): boolean {
  return text.length <= 96 && repositoryPattern.test(text) && !/--|\.\.|\.git$/.test(text)
}

/** True for what may name a branch, a tag or a commit, and may therefore become a file name under `refs/`. */
function isRevision(text: string): boolean {
  return unsafePathReason(text) === undefined && !refForbidden.test(text)
}

/** True for a full commit hash: forty hexadecimal digits, or sixty-four in a SHA-256 repository. */
export function isCommit(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}

/**
 * Guards a repository and revision that came from a program instead of `parseModelId`, before they enter an address or a path.
 * @throws FsError `hub/bad-id`
 */
export function checkRepository(repository: string, revision?: string): void {
  if (!isRepositoryName(repository)) throw badId(repository, 'has no valid `org/name`')
  if (revision !== undefined && !isRevision(revision)) throw badId(`${repository}@${revision}`, 'has no valid revision after `@`')
}

function badId(text: string, reason: string) {
  return hubError('hub/bad-id', `${JSON.stringify(text)} ${reason}; write a model as org/name, org/name@revision or org/name:QUANT`, {
    id: text,
  })
}
