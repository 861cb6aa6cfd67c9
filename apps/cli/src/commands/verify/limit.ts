// How much a candidate may differ when nobody says: what its types explain.
import { canonicalTensors } from '@fs/arch'
import { GGML_TYPES, isGgmlType, type TensorType } from '@fs/core'
import type { Side } from './sides.ts'

/** llama.cpp's own check (check-nmse.py), for blocks of few bits and for logits computed elsewhere. */
const QUANTIZED = 1e-2
/** Weights of a model stored more precisely. float16 keeps 11 bits; bfloat16 8, with a tenth of Q8_0's squared error on a normal distribution. */
const NARROWER: { readonly [type: string]: number } = { F32: 1e-6, F16: 1e-4, BF16: 1e-3 }
/** The same numbers: what remains is the order of additions. */
const SAME = 1e-6

export function defaultLimit(reference: Side, candidate: Side): number {
  if (reference.kind === 'saved' || candidate.kind === 'saved') return QUANTIZED
  if (reference.kind === 'exported' || candidate.kind === 'exported') return exportLimit([reference, candidate])
  const names = new Set(canonicalTensors(candidate.opened.description.spec).map(({ name }) => name))
  let limit = SAME
  for (const { name } of canonicalTensors(reference.opened.description.spec)) {
    if (!names.has(name)) continue
    const [theirs, mine] = [reference.weights.typeOf(name), candidate.weights.typeOf(name)]
    if (theirs === mine) continue
    if (isBlocked(mine) || isBlocked(theirs)) return QUANTIZED
    limit = Math.max(limit, NARROWER[mine] ?? SAME)
  }
  return limit
}

/** What a graph keeps its weights as; in halves it computes too. */
function exportLimit(sides: readonly Side[]): number {
  const kinds = sides.flatMap((side) => (side.kind === 'exported' ? [side.weights] : []))
  if (kinds.includes('blocks')) return QUANTIZED
  return kinds.includes('float16') ? NARROWER.F16! : SAME
}

function isBlocked(type: TensorType): boolean {
  return isGgmlType(type) && GGML_TYPES[type].blockSize > 1
}
