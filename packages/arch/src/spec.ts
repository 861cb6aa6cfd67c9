// The closed vocabulary in which every model is described: plain JSON, no functions. Graph builders, runtimes and checks
// read only this. It says nothing about files: names and layouts are in `weights.ts`.

/** y = x / rms(x) * (weight + weightOffset), or the classic layer norm. Gemma stores its weights minus one: offset 1. */
export type NormSpec =
  | { readonly kind: 'rms'; readonly epsilon: number; readonly weightOffset: 0 | 1 }
  | { readonly kind: 'layer'; readonly epsilon: number; readonly bias: boolean }

/** How rotary frequencies are stretched for longer contexts. Formulas: `rope-frequencies.ts`. */
export type RopeScaling =
  | { readonly kind: 'none' }
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3'
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalContextLength: number
    }
  | {
      readonly kind: 'yarn'
      readonly factor: number
      readonly originalContextLength: number
      readonly betaFast: number
      readonly betaSlow: number
      readonly attentionFactor: number
      /** Whether the correction range is rounded to whole dimensions, as transformers does unless told otherwise. */
      readonly truncate: boolean
    }
  | {
      readonly kind: 'longrope'
      readonly shortFactors: readonly number[]
      readonly longFactors: readonly number[]
      readonly originalContextLength: number
      readonly attentionFactor: number
    }
  /** Divisors of each frequency, where a file gives them and no formula reproduces them. */
  | { readonly kind: 'factors'; readonly factors: readonly number[] }

/** How attention knows the order of tokens. */
export type PositionSpec =
  | {
      readonly kind: 'rope'
      /** Leading dimensions of each head that are rotated. */
      readonly dimensions: number
      readonly base: number
      /** Which two dimensions form a pair: i and i + dimensions/2 (canonical), or 2i and 2i+1 (GPT-J). */
      readonly pairing: 'half-split' | 'interleaved'
      readonly scaling: RopeScaling
    }
  | { readonly kind: 'alibi'; readonly maximumBias: number }
  | { readonly kind: 'none' }

export type AttentionSpec = {
  readonly kind: 'attention'
  readonly heads: number
  readonly keyValueHeads: number
  readonly headDimension: number
  /** Factor on query·key before softmax. */
  readonly scale: number
  readonly causal: boolean
  /** Tokens a position sees, itself included; null sees all. Where attention is not causal, it sees as many to the other side. */
  readonly window: number | null
  /** Scores become cap * tanh(score / cap). */
  readonly softCap: number | null
  /** Query, key and value are clipped to [-clamp, clamp] (MPT's clip_qkv). */
  readonly clamp: number | null
  readonly bias: { readonly query: boolean; readonly key: boolean; readonly value: boolean; readonly output: boolean }
  /** Norm of queries and keys before rotation: per head, or over all heads together (OLMo 2). */
  readonly queryKeyNorm: { readonly norm: NormSpec; readonly over: 'head' | 'all-heads' } | null
  readonly position: PositionSpec
}

export type Activation = 'silu' | 'gelu' | 'gelu-tanh' | 'relu'

export type FeedForwardSpec =
  /** down(activation(gate(x)) * up(x)) */
  | { readonly kind: 'glu'; readonly width: number; readonly activation: Activation; readonly bias: boolean }
  /** down(activation(up(x))) */
  | { readonly kind: 'mlp'; readonly width: number; readonly activation: Activation; readonly bias: boolean }
  /** The `expertsUsed` best of `experts` gated units, weighted by the router's softmax. */
  | {
      readonly kind: 'mixture'
      readonly experts: number
      readonly expertsUsed: number
      readonly width: number
      readonly activation: Activation
      /** Whether the weights of the chosen experts are scaled to sum to one. */
      readonly normalizeWeights: boolean
    }

/** How a layer's two halves and its norms are wired. */
export type LayerSpec = { readonly attention: AttentionSpec; readonly feedForward: FeedForwardSpec } & (
  | {
      /** x += after(attention(before(x))); x += after(feedForward(before(x))). A missing norm is the identity. */
      readonly kind: 'sequential'
      readonly attentionNorm: NormSpec | null
      readonly attentionPostNorm: NormSpec | null
      readonly feedForwardNorm: NormSpec | null
      readonly feedForwardPostNorm: NormSpec | null
    }
  | {
      /** x += attention(a(x)) + feedForward(f(x)); without a norm of its own the feed-forward reads a(x). */
      readonly kind: 'parallel'
      readonly attentionNorm: NormSpec
      readonly feedForwardNorm: NormSpec | null
    }
  | {
      /** x = a(x + attention(x)); x = f(x + feedForward(x)), as BERT. */
      readonly kind: 'post-norm'
      readonly attentionPostNorm: NormSpec
      readonly feedForwardPostNorm: NormSpec
    }
)

export type EmbeddingSpec = {
  /** Factor on token embeddings (Gemma: the square root of the hidden size). */
  readonly scale: number | null
  /** Rows of the learned position table, or null. */
  readonly positions: number | null
  /** Rows of the token type table (BERT), or null. */
  readonly tokenTypes: number | null
  readonly norm: NormSpec | null
}

export type HeadSpec = {
  /** Tied: the token embedding, transposed. */
  readonly kind: 'tied' | 'untied'
  readonly bias: boolean
  /** Logits become cap * tanh(logits / cap). */
  readonly softCap: number | null
}

export type DecoderSpec = {
  readonly kind: 'decoder'
  readonly vocabularySize: number
  readonly hiddenSize: number
  readonly contextLength: number
  readonly embedding: EmbeddingSpec
  readonly layers: readonly LayerSpec[]
  readonly outputNorm: NormSpec | null
  readonly head: HeadSpec
}

export type EncoderSpec = {
  readonly kind: 'encoder'
  readonly vocabularySize: number
  readonly hiddenSize: number
  readonly contextLength: number
  readonly embedding: EmbeddingSpec
  readonly layers: readonly LayerSpec[]
  readonly outputNorm: NormSpec | null
  /** How token vectors become one vector per text. */
  readonly pooling: 'none' | 'mean' | 'first' | 'last'
  /** Whether the pooled vector is scaled to length one. */
  readonly normalize: boolean
  /** Linear layers after pooling (sentence-transformers' Dense modules), in order. */
  readonly dense: readonly {
    readonly inputSize: number
    readonly outputSize: number
    readonly bias: boolean
    readonly activation: 'identity' | 'tanh'
  }[]
}

export type ModelSpec = DecoderSpec | EncoderSpec
