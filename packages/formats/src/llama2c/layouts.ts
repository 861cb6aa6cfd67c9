// Which tensors follow the header of a llama2.c checkpoint, in which order. All are float32; names are those of Meta's checkpoints.
// Source: run.c (memory_map_weights) and export.py (legacy_export, version1_export) of github.com/karpathy/llama2.c.

/** The seven integers of the header. */
export type Llama2cHeader = {
  readonly dim: number
  readonly hiddenDim: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly vocabularySize: number
  readonly sequenceLength: number
  /** Whether the output matrix is the embedding. */
  readonly sharedClassifier: boolean
}

/** A tensor, or numbers of a file that are none (`name` absent). */
type Part = { readonly name?: string; readonly shape: readonly number[] }

type PerLayer = 'attention_norm' | 'ffn_norm' | 'wq' | 'wk' | 'wv' | 'wo' | 'w1' | 'w2' | 'w3'

const WHERE: { readonly [Kind in PerLayer]: string } = {
  attention_norm: 'attention_norm',
  ffn_norm: 'ffn_norm',
  wq: 'attention.wq',
  wk: 'attention.wk',
  wv: 'attention.wv',
  wo: 'attention.wo',
  w1: 'feed_forward.w1',
  w2: 'feed_forward.w2',
  w3: 'feed_forward.w3',
}

function shapeOf(kind: PerLayer, header: Llama2cHeader): readonly number[] {
  const { dim, hiddenDim } = header
  const kvDim = (dim / header.heads) * header.kvHeads
  switch (kind) {
    case 'attention_norm':
    case 'ffn_norm':
      return [dim]
    case 'wq':
    case 'wo':
      return [dim, dim]
    case 'wk':
    case 'wv':
      return [kvDim, dim]
    case 'w1':
    case 'w3':
      return [hiddenDim, dim]
    case 'w2':
      return [dim, hiddenDim]
    default:
      return kind satisfies never
  }
}

/** One kind of tensor of all layers, layer after layer. */
const stacked = (kind: PerLayer, header: Llama2cHeader): Part[] =>
  Array.from({ length: header.layers }, (_, layer) => ({ name: `layers.${layer}.${WHERE[kind]}.weight`, shape: shapeOf(kind, header) }))

const embedding = ({ vocabularySize, dim }: Llama2cHeader): Part => ({ name: 'tok_embeddings.weight', shape: [vocabularySize, dim] })
const finalNorm = ({ dim }: Llama2cHeader): Part => ({ name: 'norm.weight', shape: [dim] })
const classifier = ({ sharedClassifier, vocabularySize, dim }: Llama2cHeader): Part[] =>
  sharedClassifier ? [] : [{ name: 'output.weight', shape: [vocabularySize, dim] }]

/** The tensors of version 0, which has no magic, and of version 1 (`ak42`). */
export const LLAMA2C_LAYOUTS = {
  0: (header: Llama2cHeader): Part[] => [
    embedding(header),
    ...(['attention_norm', 'wq', 'wk', 'wv', 'wo', 'ffn_norm', 'w1', 'w2', 'w3'] as const).flatMap((kind) => stacked(kind, header)),
    finalNorm(header),
    // Cosines and sines of the rotary embedding, which follow from the header (theta is 10000).
    { shape: [header.sequenceLength, header.dim / header.heads / 2] },
    { shape: [header.sequenceLength, header.dim / header.heads / 2] },
    ...classifier(header),
  ],
  1: (header: Llama2cHeader): Part[] => [
    ...(['attention_norm', 'ffn_norm'] as const).flatMap((kind) => stacked(kind, header)),
    finalNorm(header),
    embedding(header),
    ...(['wq', 'wk', 'wv', 'wo', 'w1', 'w2', 'w3'] as const).flatMap((kind) => stacked(kind, header)),
    ...classifier(header),
  ],
} as const
