// The words for a `.litertlm` container: its constants, and what a header says. Reading is in `read.ts`, laying out in `layout.ts`.
// Source of the layout: `schema/core/litertlm_export.cc`, `litertlm_read.cc` and `litertlm_header_schema.fbs` of google-ai-edge/LiteRT-LM.
import type { SectionType } from './section-types.ts'

export const MAGIC = 'LITERTLM'
/** Magic, version, padding, end of the header. */
export const PREAMBLE_BYTES = 32
/** Sections start on multiples of it, and the header has to end before the first. */
export const BLOCK_BYTES = 16 * 1024

/** The only major version there is. Readers refuse another, and do not look at the minor one; ours is one that engine 0.17.1 was seen to load. */
export const VERSION = { major: 1, minor: 5, patch: 0 } as const

export type Version = { readonly major: number; readonly minor: number; readonly patch: number }

/** A value beside a key, in the system metadata or of a section. */
export type ItemValue = string | number | bigint | boolean

export type Items = ReadonlyMap<string, ItemValue>

export type ContainerSection = {
  readonly type: SectionType
  readonly items: Items
  /** Bytes from the start of the file. */
  readonly offset: number
  readonly size: number
}

export type Container = {
  readonly version: Version
  readonly system: Items
  readonly sections: readonly ContainerSection[]
}
