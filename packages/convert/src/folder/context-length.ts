// A model with another context length than it was published with, for folders that say how long its texts may be.
import type { Description, Notice } from '@fs/arch'
import { convertError } from '../errors.ts'

export type Lengthened = { readonly description: Description; readonly contextLength: number; readonly notices: readonly Notice[] }

/**
 * @param wanted `--context-length`, or undefined for the model's own
 * @throws FsError `convert/context-length` when the model has learned positions for fewer tokens
 */
export function withContextLength(description: Description, wanted: number | undefined): Lengthened {
  const { spec, config, architecture } = description
  const own = spec.contextLength
  if (wanted === undefined || wanted === own) return { description, contextLength: own, notices: [] }
  const { positions } = spec.embedding
  if (positions !== null) {
    if (wanted > own) {
      throw convertError(
        'convert/context-length',
        `--context-length ${wanted}: ${architecture.title} has a learned position for each of ${own} tokens and none beyond; ask for ${own} at most`,
        { wanted, most: own },
      )
    }
    // The table keeps its rows; only what is allowed changes.
    return { description, contextLength: wanted, notices: [] }
  }
  const changed = architecture.fromConfig({ ...config, contextLength: wanted })
  // An architecture that calls its length otherwise keeps it; the folder still says what is allowed.
  if (changed.spec.contextLength !== wanted) return { description, contextLength: wanted, notices: [] }
  const message = `the model was trained for ${own} tokens; nothing is known of its answers from token ${own + 1} on`
  return { description: changed, contextLength: wanted, notices: wanted > own ? [{ code: 'folder/context-length', message }] : [] }
}
