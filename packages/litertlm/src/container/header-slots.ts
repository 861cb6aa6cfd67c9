// Slot numbers of the header's flatbuffer tables, as its schema orders them, and the union of values a key may have.
// Source: `schema/core/litertlm_header_schema.fbs` of google-ai-edge/LiteRT-LM.

export const META_DATA = { system: 0, sections: 1 } as const
export const SYSTEM_METADATA = { entries: 0 } as const
export const SECTION_METADATA = { objects: 0 } as const
export const SECTION_OBJECT = { items: 0, begin: 1, end: 2, type: 3 } as const
export const KEY_VALUE_PAIR = { key: 0, valueType: 1, value: 2 } as const

/**
 * `VData`, by number. Its scalars were structs in June 2025 and are tables now, so that a writer who wants to be read by both writes strings
 * alone. Of each the width in bytes, 0 for a string.
 */
export const VALUE_TYPES = {
  1: { kind: 'uint', width: 1 },
  2: { kind: 'int', width: 1 },
  3: { kind: 'uint', width: 2 },
  4: { kind: 'int', width: 2 },
  5: { kind: 'uint', width: 4 },
  6: { kind: 'int', width: 4 },
  7: { kind: 'float', width: 4 },
  8: { kind: 'bool', width: 1 },
  9: { kind: 'text', width: 4 },
  10: { kind: 'uint', width: 8 },
  11: { kind: 'int', width: 8 },
  12: { kind: 'float', width: 8 },
} as const satisfies { readonly [number: number]: { readonly kind: string; readonly width: 1 | 2 | 4 | 8 } }

export const STRING_VALUE = 9
