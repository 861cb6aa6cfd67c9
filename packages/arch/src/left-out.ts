// Parts of a checkpoint that belong to another task than the model serves here (a pooler, a head of the training, an image encoder): not taken along,
// and said. What holds nothing learned is no such part.
import type { Notice } from './define-arch.ts'

export type LeftOutPart = {
  /** The names of its tensors, as files spell them. */
  readonly tensors: RegExp
  /** What it is, and what it would be needed for; completes "… left out: ". */
  readonly what: string
}

/** One `arch/left-out` for each part of which there are tensors. */
export function leftOutNotices(parts: readonly LeftOutPart[], stored: Iterable<string>): readonly Notice[] {
  const names = [...stored]
  return parts.flatMap(({ tensors, what }) => {
    const found = names.filter((name) => tensors.test(name))
    const [first] = found
    if (first === undefined) return []
    const which = found.length === 1 ? first : `${first} and ${found.length - 1} more`
    return [{ code: 'arch/left-out', message: `${which} left out: ${what}` }]
  })
}
