// Configuration fields as data: where a value stands in config.json (either spelling), where in GGUF, and what is assumed when it is absent.
// A table of fields is both the reader and the writer of a family's configuration; its order is the order GGUF keys are written in.
import type { JsonObject, MetadataValue } from '@fs/core'
import type { GgufView, HuggingFaceView } from './checkpoint-view.ts'
import { archError } from './errors.ts'

export type GgufEntry = readonly [key: string, value: MetadataValue]

/** One value of a configuration, readable from and writable to both worlds. GGUF keys lack their `{arch}.` prefix. */
export type Field<Value> = {
  readonly fromHuggingFace: (view: HuggingFaceView) => Value
  readonly toHuggingFace: (value: Value) => JsonObject
  readonly fromGguf: (view: GgufView) => Value
  readonly toGguf: (value: Value) => readonly GgufEntry[]
  /** Keys of config.json, without those around them, whose numbers Python wants as floats: 30 is written `30.0` there. */
  readonly floatKeys?: readonly string[]
  /** Stops what no model has, before anyone makes as many layers as a file claims. @throws FsError `arch/config-invalid` */
  readonly check?: (value: Value) => void
}

// biome-ignore lint/suspicious/noExplicitAny: a table holds fields of any value; `ConfigOf` gives each its type back.
export type Fields = { readonly [name: string]: Field<any> }

/** The configuration a table of fields reads. */
export type ConfigOf<Table extends Fields> = { readonly [Name in keyof Table]: Table[Name] extends Field<infer Value> ? Value : never }

type Source<Value> = {
  /** Keys of config.json, the first present one counts; the first is the one written. */
  readonly huggingFace: string | readonly string[]
  /** Key in GGUF without `{arch}.`; absent where llama.cpp writes none. */
  readonly gguf?: string
  /** Further GGUF keys that get the same value. */
  readonly alsoGguf?: readonly string[]
  /** What transformers' configuration class fills in, or how the value follows from others. */
  readonly missing?: Value | ((view: HuggingFaceView) => Value)
  /** What llama.cpp's loader assumes without the key, or where else the value can be seen. */
  readonly missingGguf?: Value | ((view: GgufView) => Value)
  /** Not written to GGUF when this holds. */
  readonly omitGguf?: (value: Value) => boolean
}

type Kind<Value> = {
  readonly read: (view: HuggingFaceView, keys: readonly string[]) => Value | undefined
  readonly readGguf: (view: GgufView, key: string) => Value | undefined
  readonly entry: (value: Value) => MetadataValue
}

function field<Value extends number | boolean | string>(kind: Kind<Value>, source: Source<Value>): Field<Value> {
  const keys = typeof source.huggingFace === 'string' ? [source.huggingFace] : source.huggingFace
  const written = keys[0]!
  return {
    fromHuggingFace: (view) => {
      const value = kind.read(view, keys)
      if (value !== undefined) return value
      if (source.missing === undefined) {
        throw archError('arch/config-missing', `config.json has no ${keys.join(' or ')}, which this architecture needs`, { key: written })
      }
      return typeof source.missing === 'function' ? source.missing(view) : source.missing
    },
    toHuggingFace: (value) => nested(written, value),
    fromGguf: (view) => {
      const value = source.gguf === undefined ? undefined : kind.readGguf(view, source.gguf)
      if (value !== undefined) return value
      if (source.missingGguf !== undefined) return typeof source.missingGguf === 'function' ? source.missingGguf(view) : source.missingGguf
      if (source.gguf === undefined && source.missing !== undefined && typeof source.missing !== 'function') return source.missing
      throw archError(
        'arch/config-missing',
        `the GGUF metadata has no ${view.architecture}.${source.gguf ?? written}, which this architecture needs`,
        {
          key: source.gguf ?? written,
        },
      )
    },
    toGguf: (value) =>
      source.gguf === undefined || source.omitGguf?.(value)
        ? []
        : [source.gguf, ...(source.alsoGguf ?? [])].map((key) => [key, kind.entry(value)]),
  }
}

function nested(key: string, value: number | boolean | string): JsonObject {
  return key.split('.').reduceRight<JsonObject | number | boolean | string>((inner, part) => ({ [part]: inner }), value) as JsonObject
}

/** Largest whole number of a configuration: contexts of ten million tokens exist, and tables of this length still fit into memory. */
const MOST = 2 ** 24

/**
 * A whole number, UINT32 in GGUF.
 * @param most larger values are refused: descriptions hold something for each layer and each expert
 */
export function integer(source: Source<number>, most = MOST): Field<number> {
  const name = typeof source.huggingFace === 'string' ? source.huggingFace : source.huggingFace[0]!
  const kind: Kind<number> = {
    read: (view, keys) => view.integer(...keys),
    readGguf: (view, key) => view.number(key),
    entry: (value) => ({ type: 'UINT32', value }),
  }
  const check = (value: number): void => {
    if (Number.isSafeInteger(value) && value >= 0 && value <= most) return
    throw archError('arch/config-invalid', `the configuration says ${name} is ${value}, but a whole number of at most ${most} is needed`, {
      key: name,
      value,
    })
  }
  return { ...field(kind, source), check }
}

/** A number, FLOAT32 in GGUF. Values read from GGUF are widened back to the shortest decimal that float32 rounds to (1e-5, not 9.99…e-6). */
export function float(source: Source<number>): Field<number> {
  const kind: Kind<number> = {
    read: (view, keys) => view.number(...keys),
    readGguf: (view, key) => {
      const value = view.number(key)
      return value === undefined ? undefined : shortestDecimal(value)
    },
    entry: (value) => ({ type: 'FLOAT32', value: Math.fround(value) }),
  }
  const keys = typeof source.huggingFace === 'string' ? [source.huggingFace] : source.huggingFace
  return { ...field(kind, source), floatKeys: keys.map((key) => key.split('.').at(-1)!) }
}

export function boolean(source: Source<boolean>): Field<boolean> {
  return field(
    {
      read: (view, keys) => view.boolean(...keys),
      readGguf: (view, key) => view.boolean(key),
      entry: (value) => ({ type: 'BOOL', value }),
    },
    source,
  )
}

/** A string that is written to neither container unless a key is named. */
export function text(source: Source<string>): Field<string> {
  return field(
    {
      read: (view, keys) => view.string(...keys),
      readGguf: (view, key) => view.string(key),
      entry: (value) => ({ type: 'STRING', value }),
    },
    source,
  )
}

/**
 * A value that only the tensors decide (rows of the embedding, an untied head, an optional bias); optionally written under a key.
 * @param read from the tensors of either container
 */
export function observed<Value>(options: {
  readonly fromHuggingFace: (view: HuggingFaceView) => Value
  readonly fromGguf: (view: GgufView) => Value
  readonly toHuggingFace?: (value: Value) => JsonObject
  readonly toGguf?: (value: Value) => readonly GgufEntry[]
  readonly floatKeys?: readonly string[]
}): Field<Value> {
  return { toHuggingFace: () => ({}), toGguf: () => [], ...options }
}

/** A GGUF entry that follows from constants or from another field's value at the same place in the order. */
export function constantGguf(key: string, value: MetadataValue): Field<null> {
  return { fromHuggingFace: () => null, toHuggingFace: () => ({}), fromGguf: () => null, toGguf: () => [[key, value]] }
}

/** The decimal with the fewest digits that rounds to this float32: what a person wrote before it was stored. */
export function shortestDecimal(value: number): number {
  const single = Math.fround(value)
  for (let digits = 1; digits <= 9; digits++) {
    const candidate = Number(single.toPrecision(digits))
    if (Object.is(Math.fround(candidate), single)) return candidate
  }
  return single
}

/** Reads every field of a table from config.json. */
export function configFromHuggingFace<Table extends Fields>(table: Table, view: HuggingFaceView): ConfigOf<Table> {
  return mapFields(table, (entry) => entry.fromHuggingFace(view))
}

/** Reads every field of a table from GGUF metadata. */
export function configFromGguf<Table extends Fields>(table: Table, view: GgufView): ConfigOf<Table> {
  return mapFields(table, (entry) => entry.fromGguf(view))
}

/** In the table's order, so that a field may rely on those before it. */
function mapFields<Table extends Fields>(table: Table, read: (field: Field<unknown>) => unknown): ConfigOf<Table> {
  const values = Object.entries(table).map(([name, entry]) => {
    const value = read(entry)
    entry.check?.(value)
    return [name, value] as const
  })
  return Object.fromEntries(values) as ConfigOf<Table>
}
