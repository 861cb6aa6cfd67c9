// How a family names and lays out its weights: one row says where the same numbers stand in the canonical model, in a Hugging Face
// checkpoint and in a GGUF file. Both directions of every conversion come from these rows.
import { canonicalTensors } from './canonical-tensors.ts'
import { archError } from './errors.ts'
import type { ModelSpec } from './spec.ts'
import type { Transform } from './transforms.ts'

/** Names of stored tensors without `.weight`/`.bias`, and how canonical tensors become them. */
export type StoredForm = {
  /** `{i}` stands for the layer, `{e}` for the expert (one name per stacked tensor). */
  readonly names: readonly string[]
  /** Applied to the canonical tensors in order; the inverse reads the stored ones. */
  readonly store: readonly Transform[]
}

/** A row of an architecture's table. It covers the weight and, where the description has one, the bias. */
export type WeightName = { readonly canonical: readonly string[]; readonly huggingFace: StoredForm; readonly gguf: StoredForm }

/** A row for one layer and one suffix, with full names. */
export type WeightRow = WeightName

type Stored = string | { readonly names: string | readonly string[]; readonly store: readonly Transform[] }

const list = (names: string | readonly string[]): readonly string[] => (typeof names === 'string' ? [names] : names)
const form = (stored: Stored): StoredForm =>
  typeof stored === 'string' ? { names: [stored], store: [] } : { names: list(stored.names), store: stored.store }

/**
 * One row: canonical name(s), the Hugging Face form, the GGUF form; a plain string where the tensor is stored as it is.
 * @example weight('layers.{i}.attention.query', 'model.layers.{i}.self_attn.q_proj', { names: 'blk.{i}.attn_q', store: [interleave] })
 */
export function weight(canonical: string | readonly string[], huggingFace: Stored, gguf: Stored): WeightName {
  return { canonical: list(canonical), huggingFace: form(huggingFace), gguf: form(gguf) }
}

/** Far more than any published model stores (Kimi K2: some seventy thousand, expert by expert). */
const MOST_TENSORS = 2 ** 20

/**
 * Expands a family's table for one model: every layer, weights and the biases its description has.
 * @throws FsError `arch/tensor-unmapped` when the table leaves out a canonical tensor: a mistake in the architecture;
 * `arch/config-invalid` when layers and experts multiply to more tensors than any model has.
 */
export function expandWeights(table: readonly WeightName[], spec: ModelSpec): readonly WeightRow[] {
  const wanted = new Set(canonicalTensors(spec).map((tensor) => tensor.name))
  const rows: WeightRow[] = []
  for (const entry of table) {
    const layers = entry.canonical[0]!.includes('{i}') ? spec.layers.map((_, layer) => layer) : [0]
    if (layers.length * Math.max(expertsOf(entry.huggingFace), expertsOf(entry.gguf)) > MOST_TENSORS) {
      throw archError('arch/config-invalid', `the configuration has more than ${MOST_TENSORS} experts in all its layers`, {
        layers: layers.length,
      })
    }
    for (const layer of layers) {
      for (const suffix of ['weight', 'bias'] as const) {
        const canonical = entry.canonical.map((name) => `${at(name, layer)}.${suffix}`)
        if (!canonical.every((name) => wanted.has(name))) continue
        for (const name of canonical) wanted.delete(name)
        rows.push({ canonical, huggingFace: stored(entry.huggingFace, layer, suffix), gguf: stored(entry.gguf, layer, suffix) })
      }
    }
  }
  const [forgotten] = wanted
  if (forgotten !== undefined) {
    throw archError(
      'arch/tensor-unmapped',
      `the architecture's weight table has no row for ${forgotten}, which its description calls for`,
      { tensor: forgotten },
    )
  }
  return rows
}

const at = (name: string, layer: number): string => name.replace('{i}', String(layer))

/** Tensors a stacked one is stored as, or 1. */
function expertsOf({ store }: StoredForm): number {
  return store.find((transform) => transform.kind === 'unstack')?.count ?? 1
}

function stored({ names, store }: StoredForm, layer: number, suffix: 'weight' | 'bias'): StoredForm {
  const experts = store.find((transform) => transform.kind === 'unstack')?.count
  const expanded = names.flatMap((name) =>
    experts !== undefined && name.includes('{e}')
      ? Array.from({ length: experts }, (_, expert) => name.replace('{e}', String(expert)))
      : [name],
  )
  return {
    names: expanded.map((name) => `${at(name, layer)}.${suffix}`),
    // A bias has no second dimension to swap.
    store: suffix === 'bias' ? store.filter((transform) => transform.kind !== 'transpose') : store,
  }
}
