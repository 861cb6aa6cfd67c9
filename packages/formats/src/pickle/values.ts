// What unpickling gives here: inert data. A call stays a record of what was to be called; nothing is looked up, built or run.

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleSequence
  | PickleDict
  | PickleGlobal
  | PickleCall
  | PicklePersistent

export type PickleSequence = { readonly kind: 'tuple' | 'list' | 'set'; readonly items: PickleValue[] }
/** Pairs in the order they were set. Of equal keys the last counts, as in Python. */
export type PickleDict = { readonly kind: 'dict'; readonly pairs: (readonly [PickleValue, PickleValue])[] }
/** The dotted name of something importable, from the caller's list. */
export type PickleGlobal = { readonly kind: 'global'; readonly name: string }
export type PickleCall = { readonly kind: 'call'; readonly callee: string; readonly args: readonly PickleValue[] }
/** A reference to something stored beside the pickle. */
export type PicklePersistent = { readonly kind: 'persistent'; readonly id: PickleValue }

/** The value's kind, for messages and switches. */
export function kindOf(value: PickleValue): string {
  if (value === null) return 'None'
  if (value instanceof Uint8Array) return 'bytes'
  return typeof value === 'object' ? value.kind : typeof value
}

/** The pairs of a dict whose keys are text, last one of equal keys. Other keys are left out. */
export function textPairs(dict: PickleDict): ReadonlyMap<string, PickleValue> {
  const pairs = new Map<string, PickleValue>()
  for (const [key, value] of dict.pairs) if (typeof key === 'string') pairs.set(key, value)
  return pairs
}
