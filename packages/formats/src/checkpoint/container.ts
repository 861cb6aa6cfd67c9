// The interface every container module fulfils: how it is recognised and how it is opened. The modules are listed in `containers.ts`.
import type { Checkpoint, Folder, JsonObject } from '@fs/core'

/** What a container's module finds in its files; the rest of a `Checkpoint` comes from the folder. */
export type OpenedContainer = Pick<Checkpoint, 'tensors' | 'metadata' | 'config'> & {
  /** Files that belong to a lone file of this container; without it a lone file stands alone. */
  readonly companions?: Folder
}

/** What is known of a file before it is opened: its first `HEAD_BYTES` at most, its size, and its name as a hint where bytes cannot tell. */
export type FileProbe = { readonly head: Uint8Array; readonly size: number; readonly name: string }

export type Container = {
  readonly id: string
  /** What a folder of this container has: the file to start from, or undefined when there is none. Looks at names and config.json only. */
  readonly find: (folder: Folder, config: JsonObject | undefined) => string | undefined
  /** Whether a file looks like one of this container. */
  readonly detect: (file: FileProbe) => boolean
  /** Opens `entry` and the parts that belong to it, all from `folder`. A failure leaves nothing open. */
  readonly open: (folder: Folder, entry: string) => Promise<OpenedContainer>
}

/** Bytes of a file that are looked at to recognise it. */
export const HEAD_BYTES = 512

/** Whether `head` starts with these ASCII characters. */
export function startsWith(head: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) if (head[index] !== text.charCodeAt(index)) return false
  return true
}
