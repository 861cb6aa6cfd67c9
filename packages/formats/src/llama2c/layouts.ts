// Which tensors follow the header of a llama2.c checkpoint, in which order; names are those of Meta's checkpoints. All are float32 but the levels of
// version 2. Source: run.c and runq.c (memory_map_weights), export.py (legacy_export, version1_export, version2_export) of github.com/karpathy/llama2.c.

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
  /** Numbers that share a scale; version 2 only. */
  readonly groupSize: number | null
}

/** A tensor, or numbers of a file that are none (`name` absent). */
type Part = { readonly name?: string; readonly shape: readonly number[]; readonly type: 'F32' | 'I8' }

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
  Array.from({ length: header.layers }, (_, layer) => ({
    name: `layers.${layer}.${WHERE[kind]}.weight`,
    shape: shapeOf(kind, header),
    type: 'F32',
  }))

const embedding = ({ vocabularySize, dim }: Llama2cHeader): Part => ({
  name: 'tok_embeddings.weight',
  shape: [vocabularySize, dim],
  type: 'F32',
})
const finalNorm = ({ dim }: Llama2cHeader): Part => ({ name: 'norm.weight', shape: [dim], type: 'F32' })
const classifier = ({ sharedClassifier, vocabularySize, dim }: Llama2cHeader): Part[] =>
  sharedClassifier ? [] : [{ name: 'output.weight', shape: [vocabularySize, dim], type: 'F32' }]

/** Levels of eight bits and behind them their scales. */
const quantized = ({ name, shape }: Part, groupSize: number): Part[] => {
  const numbers = shape.reduce((product, size) => product * size, 1)
  return [
    { name: name!, shape, type: 'I8' },
    { name: name!.replace(/weight$/, 'scales'), shape: [numbers / groupSize], type: 'F32' },
  ]
}

/** The bytes of a part; inexact only where it is larger than any file. */
export function bytesOf({ shape, type }: Part): number {
  return shape.reduce((product, size) => product * size, type === 'F32' ? 4 : 1)
}

/** The tensors of version 0, which has no magic, and of versions 1 and 2 (`ak42`). */
export const LLAMA2C_LAYOUTS = {
  0: (header: Llama2cHeader): Part[] => [
    embedding(header),
    ...(['attention_norm', 'wq', 'wk', 'wv', 'wo', 'ffn_norm', 'w1', 'w2', 'w3'] as const).flatMap((kind) => stacked(kind, header)),
    finalNorm(header),
    // Cosines and sines of the rotary embedding, which follow from the header (theta is 10000).
    { shape: [header.sequenceLength, header.dim / header.heads / 2], type: 'F32' },
    { shape: [header.sequenceLength, header.dim / header.heads / 2], type: 'F32' },
    ...classifier(header),
  ],
  1: (header: Llama2cHeader): Part[] => [
    ...(['attention_norm', 'ffn_norm'] as const).flatMap((kind) => stacked(kind, header)),
    finalNorm(header),
    embedding(header),
    ...(['wq', 'wk', 'wv', 'wo', 'w1', 'w2', 'w3'] as const).flatMap((kind) => stacked(kind, header)),
    ...classifier(header),
  ],
  // As runq.c reads it. Before that was written, export.py kept all scales at the end for some weeks; such a file cannot be told from others.
  2: (header: Llama2cHeader): Part[] => [
    ...(['attention_norm', 'ffn_norm'] as const).flatMap((kind) => stacked(kind, header)),
    finalNorm(header),
    ...[
      embedding(header),
      ...(['wq', 'wk', 'wv', 'wo', 'w1', 'w2', 'w3'] as const).flatMap((kind) => stacked(kind, header)),
      ...classifier(header),
    ].flatMap((part) => quantized(part, header.groupSize ?? 1)),
  ],
} as const
