// A dialect: how checkpoints of one family are written outside of Hugging Face (Meta's release, llama2.c, ggml files of before GGUF).
// It says the same in Hugging Face's words: a config.json, and for each tensor its name and layout there. Data and one function; it reads no file.
import type { JsonObject } from '@fs/core'
import type { TensorShapes } from './checkpoint-view.ts'
import type { Notice } from './define-arch.ts'
import { archError } from './errors.ts'
import { inverseChain, type Transform } from './transforms.ts'

/** What a dialect may look at: the settings beside the weights, and the shapes of the tensors as the file names them. */
export type DialectView = {
  readonly tensors: TensorShapes
  /** @throws FsError `arch/config-invalid` when the setting is there and no such number, `arch/config-missing` from the `need` forms */
  readonly number: (key: string) => number | undefined
  readonly integer: (key: string) => number | undefined
  readonly needNumber: (key: string) => number
  readonly needInteger: (key: string) => number
  readonly boolean: (key: string) => boolean | undefined
}

/** One tensor's full name in both worlds; `{i}` stands for the layer. */
export type DialectRow = {
  readonly stored: string
  readonly huggingFace: string
  /** From Hugging Face's layout to the stored one. */
  readonly store: readonly Transform[]
}

export type DialectReading = {
  /** `architectures` included. */
  readonly config: JsonObject
  /** Tensors without a row have the same name and layout in both worlds. */
  readonly rows: readonly DialectRow[]
  readonly notices: readonly Notice[]
}

export type Dialect = {
  /** `meta`, `ggml-gpt2`. */
  readonly id: string
  /** What a person calls such a checkpoint. */
  readonly title: string
  readonly read: (view: DialectView) => DialectReading
}

/** @example dialectRow('layers.{i}.attention.wq.weight', 'model.layers.{i}.self_attn.q_proj.weight', [{ kind: 'interleave-rope', heads }]) */
export function dialectRow(stored: string, huggingFace: string, store: readonly Transform[] = []): DialectRow {
  return { stored, huggingFace, store }
}

/**
 * A view over settings of any plain type.
 * @param where what a person would look into, for messages: `params.json`
 */
export function dialectView(settings: ReadonlyMap<string, unknown>, tensors: TensorShapes, where: string): DialectView {
  const typed = <T>(key: string, accept: (value: unknown) => value is T, wanted: string): T | undefined => {
    const value = settings.get(key)
    if (value === undefined || accept(value)) return value
    throw archError('arch/config-invalid', `${where}: ${key} is ${JSON.stringify(value)}, but ${wanted} is needed`, { key })
  }
  const needed = <T>(key: string, value: T | undefined): T => {
    if (value !== undefined) return value
    throw archError('arch/config-missing', `${where} has no ${key}, without which the model cannot be described`, { key })
  }
  const number = (key: string) => typed(key, isFiniteNumber, 'a finite number')
  const integer = (key: string) => typed(key, isInteger, 'a whole number')
  return {
    tensors,
    number,
    integer,
    needNumber: (key) => needed(key, number(key)),
    needInteger: (key) => needed(key, integer(key)),
    boolean: (key) => typed(key, (value) => typeof value === 'boolean', 'true or false'),
  }
}

const isFiniteNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value)

/** A tensor's name in Hugging Face's world and the way from the stored layout to the one there. */
export type Translation = { readonly name: string; readonly load: readonly Transform[] }

/** Compiles rows into a function from stored names; a name without a row stays what it is. */
export function translator(rows: readonly DialectRow[]): (stored: string) => Translation {
  const patterns = rows.map(({ stored, huggingFace, store }) => ({
    pattern: new RegExp(`^${stored.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace('{i}', '(\\d+)')}$`),
    huggingFace,
    load: inverseChain(store),
  }))
  return (stored) => {
    for (const { pattern, huggingFace, load } of patterns) {
      const found = pattern.exec(stored)
      if (found !== null) return { name: huggingFace.replace('{i}', found[1] ?? ''), load }
    }
    return { name: stored, load: [] }
  }
}
