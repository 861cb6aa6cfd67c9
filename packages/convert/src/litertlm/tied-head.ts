// A head that is stored although it is the token embedding. Other targets write what the file holds, as llama.cpp does.
import type { DecoderSpec, Notice } from '@fs/arch'
import type { OpenedModel } from '../open-model.ts'
import { isComputed } from '../source-tensor.ts'

export type BundleSpec = { readonly spec: DecoderSpec; readonly notices: readonly Notice[] }

/**
 * The description a bundle's graph is built from. Where config.json says `tie_word_embeddings`, transformers uses the embedding as head whatever
 * else the file holds, and so does litert-torch: Qwen3-0.6B's file has the same 155 million numbers twice. A head that an adapter changed stays.
 */
export function withTiedHead(model: OpenedModel, spec: DecoderSpec): BundleSpec {
  const stored = model.weights.find(({ row }) => row.canonical.includes('output.weight'))?.stored ?? []
  const changed = stored.some((name) => isComputed(model.tensors.get(name)!.tensor))
  const declared = model.checkpoint.config?.tie_word_embeddings === true
  if (!declared || changed || spec.head.kind === 'tied' || spec.head.bias) return { spec, notices: [] }
  const message = `config.json ties the head to the token embedding; ${stored.join(', ')} is left out of the bundle`
  return { spec: { ...spec, head: { ...spec.head, kind: 'tied' } }, notices: [{ code: 'convert/tied-head', message }] }
}
