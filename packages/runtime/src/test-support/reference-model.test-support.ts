// The meaning of a description, spelled out: every formula in double precision, one position after the other, no cache, no graph.
// Slow and simple on purpose; it is what graphs are held against where no other implementation is at hand.
import type { Activation, AttentionSpec, FeedForwardSpec, LayerSpec, ModelSpec, NormSpec } from '@fs/arch'
import { ropeFrequencies } from '@fs/arch/rope-frequencies'
import type { NamedWeights } from './random-weights.test-support.ts'

type Vector = Float64Array
type Rows = readonly Vector[]

/** Hidden state of every position after the output norm. */
export function referenceHidden(spec: ModelSpec, weights: NamedWeights, tokens: readonly number[]): Rows {
  const { embedding } = spec
  let rows: Rows = tokens.map((token, position) => {
    let row = scaled(rowOf(weights, 'embedding.tokens.weight', token), embedding.scale ?? 1)
    if (embedding.positions !== null) row = sum(row, rowOf(weights, 'embedding.positions.weight', position))
    if (embedding.tokenTypes !== null) row = sum(row, rowOf(weights, 'embedding.types.weight', 0))
    return norm(weights, 'embedding.norm', embedding.norm, row)
  })
  for (const [index, layer] of spec.layers.entries()) rows = layerRows(weights, `layers.${index}`, layer, rows)
  return rows.map((row) => norm(weights, 'output_norm', spec.outputNorm, row))
}

/** Logits of every position, row-major. */
export function referenceLogits(
  spec: Extract<ModelSpec, { kind: 'decoder' }>,
  weights: NamedWeights,
  tokens: readonly number[],
): Float32Array {
  const { head, vocabularySize } = spec
  const matrix = head.kind === 'tied' ? 'embedding.tokens.weight' : 'output.weight'
  const logits = new Float32Array(tokens.length * vocabularySize)
  for (const [position, row] of referenceHidden(spec, weights, tokens).entries()) {
    let scores = product(weights, matrix, row)
    if (head.bias) scores = sum(scores, vector(weights, 'output.bias'))
    if (head.softCap !== null) scores = scores.map((score) => head.softCap! * Math.tanh(score / head.softCap!))
    logits.set(scores, position * vocabularySize)
  }
  return logits
}

function layerRows(weights: NamedWeights, name: string, layer: LayerSpec, rows: Rows): Rows {
  const attend = (inputs: Rows): Rows => attention(weights, `${name}.attention`, layer.attention, inputs)
  const feed = (row: Vector): Vector => feedForward(weights, `${name}.feed_forward`, layer.feedForward, row)
  const normed = (part: string, spec: NormSpec | null, row: Vector): Vector => norm(weights, `${name}.${part}`, spec, row)
  switch (layer.kind) {
    case 'sequential': {
      const attended = attend(rows.map((row) => normed('attention_norm', layer.attentionNorm, row)))
      return rows.map((row, position) => {
        const middle = sum(row, normed('attention_post_norm', layer.attentionPostNorm, attended[position]!))
        const fed = feed(normed('feed_forward_norm', layer.feedForwardNorm, middle))
        return sum(middle, normed('feed_forward_post_norm', layer.feedForwardPostNorm, fed))
      })
    }
    case 'parallel': {
      const before = rows.map((row) => normed('attention_norm', layer.attentionNorm, row))
      const attended = attend(before)
      return rows.map((row, position) => {
        const read = layer.feedForwardNorm === null ? before[position]! : normed('feed_forward_norm', layer.feedForwardNorm, row)
        return sum(row, sum(attended[position]!, feed(read)))
      })
    }
    case 'post-norm': {
      const attended = attend(rows)
      return rows.map((row, position) => {
        const middle = normed('attention_post_norm', layer.attentionPostNorm, sum(row, attended[position]!))
        return normed('feed_forward_post_norm', layer.feedForwardPostNorm, sum(middle, feed(middle)))
      })
    }
    default:
      return layer satisfies never
  }
}

function attention(weights: NamedWeights, name: string, spec: AttentionSpec, rows: Rows): Rows {
  const project = (part: 'query' | 'key' | 'value', heads: number): readonly Rows[] =>
    rows.map((row, position) => {
      let values = linear(weights, `${name}.${part}`, spec.bias[part], row)
      if (spec.clamp !== null) values = values.map((value) => Math.min(Math.max(value, -spec.clamp!), spec.clamp!))
      const normSpec = part === 'value' ? null : spec.queryKeyNorm
      if (normSpec?.over === 'all-heads') values = norm(weights, `${name}.${part}_norm`, normSpec.norm, values)
      return Array.from({ length: heads }, (_, head) => {
        let piece: Vector = values.slice(head * spec.headDimension, (head + 1) * spec.headDimension)
        if (normSpec?.over === 'head') piece = norm(weights, `${name}.${part}_norm`, normSpec.norm, piece)
        return part === 'value' ? piece : rotated(spec, piece, position, rows.length)
      })
    })
  const queries = project('query', spec.heads)
  const keys = project('key', spec.keyValueHeads)
  const values = project('value', spec.keyValueHeads)
  return rows.map((_, position) => {
    const mixed = Array.from({ length: spec.heads }, (_unused, head) => {
      const shared = Math.floor((head * spec.keyValueHeads) / spec.heads)
      const scores = rows.map((_row, other) => {
        if (spec.causal && other > position) return Number.NEGATIVE_INFINITY
        if (spec.window !== null && Math.abs(position - other) >= spec.window) return Number.NEGATIVE_INFINITY
        let score = spec.scale * dot(queries[position]![head]!, keys[other]![shared]!)
        if (spec.softCap !== null) score = spec.softCap * Math.tanh(score / spec.softCap)
        if (spec.position.kind === 'alibi') score -= slope(head, spec.heads, spec.position.maximumBias) * (position - other)
        return score
      })
      const shares = softmax(scores)
      return Array.from({ length: spec.headDimension }, (_unused2, i) =>
        shares.reduce((total, share, other) => total + share * values[other]![shared]![i]!, 0),
      )
    })
    return linear(weights, `${name}.output`, spec.bias.output, Float64Array.from(mixed.flat()))
  })
}

function rotated({ position: spec }: AttentionSpec, piece: Vector, position: number, length: number): Vector {
  if (spec.kind !== 'rope') return piece
  const { frequencies, attentionFactor } = ropeFrequencies(spec, length)
  const result = piece.slice()
  for (let pair = 0; pair < spec.dimensions / 2; pair++) {
    const [left, right] = spec.pairing === 'half-split' ? [pair, pair + spec.dimensions / 2] : [2 * pair, 2 * pair + 1]
    const cosine = Math.cos(position * frequencies[pair]!) * attentionFactor
    const sine = Math.sin(position * frequencies[pair]!) * attentionFactor
    result[left] = piece[left]! * cosine - piece[right]! * sine
    result[right] = piece[right]! * cosine + piece[left]! * sine
  }
  return result
}

/** Slopes as MPT computes them: those of the next power of two, every other one first. */
function slope(head: number, heads: number, maximumBias: number): number {
  const power = 2 ** Math.ceil(Math.log2(heads))
  const slopes = Array.from({ length: power }, (_, index) => 2 ** (-(maximumBias / power) * (index + 1)))
  const ordered =
    power === heads ? slopes : [...slopes.filter((_, index) => index % 2 === 1), ...slopes.filter((_, index) => index % 2 === 0)]
  return ordered[head]!
}

function feedForward(weights: NamedWeights, name: string, spec: FeedForwardSpec, row: Vector): Vector {
  switch (spec.kind) {
    case 'mlp':
      return linear(weights, `${name}.down`, spec.bias, activated(spec.activation, linear(weights, `${name}.up`, spec.bias, row)))
    case 'glu': {
      const gate = activated(spec.activation, linear(weights, `${name}.gate`, spec.bias, row))
      const up = linear(weights, `${name}.up`, spec.bias, row)
      return linear(
        weights,
        `${name}.down`,
        spec.bias,
        gate.map((value, index) => value * up[index]!),
      )
    }
    case 'mixture': {
      const shares = softmax([...product(weights, `${name}.router.weight`, row)])
      const chosen = shares
        .map((share, expert) => ({ share, expert }))
        .sort((a, b) => b.share - a.share)
        .slice(0, spec.expertsUsed)
      const total = spec.normalizeWeights ? chosen.reduce((all, { share }) => all + share, 0) : 1
      let result: Vector = new Float64Array(row.length)
      for (const { share, expert } of chosen) {
        const gate = activated(spec.activation, product(weights, `${name}.experts.gate.weight`, row, expert * spec.width, spec.width))
        const up = product(weights, `${name}.experts.up.weight`, row, expert * spec.width, spec.width)
        const inner = gate.map((value, index) => value * up[index]!)
        const down = product(weights, `${name}.experts.down.weight`, inner, expert * row.length, row.length)
        result = sum(result, scaled(down, share / total))
      }
      return result
    }
    default:
      return spec satisfies never
  }
}

function activated(kind: Activation, values: Vector): Vector {
  switch (kind) {
    case 'silu':
      return values.map((x) => x / (1 + Math.exp(-x)))
    case 'gelu':
      return values.map((x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2)))
    case 'gelu-tanh':
      return values.map((x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))))
    case 'relu':
      return values.map((x) => Math.max(x, 0))
    default:
      return kind satisfies never
  }
}

/** erf by its Taylor series, which converges quickly for the small arguments of a test model. */
function errorFunction(x: number): number {
  let term = x
  let total = x
  for (let n = 1; n < 200; n++) {
    term *= -(x * x) / n
    total += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * total
}

function norm(weights: NamedWeights, name: string, spec: NormSpec | null, row: Vector): Vector {
  if (spec === null) return row
  const weight = vector(weights, `${name}.weight`)
  if (spec.kind === 'rms') {
    const size = Math.sqrt(dot(row, row) / row.length + spec.epsilon)
    return row.map((value, index) => (value / size) * (weight[index]! + spec.weightOffset))
  }
  const mean = row.reduce((total, value) => total + value, 0) / row.length
  const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / row.length
  const bias = spec.bias ? vector(weights, `${name}.bias`) : null
  return row.map((value, index) => ((value - mean) / Math.sqrt(variance + spec.epsilon)) * weight[index]! + (bias?.[index] ?? 0))
}

function linear(weights: NamedWeights, name: string, bias: boolean, row: Vector): Vector {
  const result = product(weights, `${name}.weight`, row)
  return bias ? sum(result, vector(weights, `${name}.bias`)) : result
}

/** Some rows of a matrix (all by default) times a vector. */
function product(weights: NamedWeights, name: string, row: Vector, first = 0, count = Number.POSITIVE_INFINITY): Vector {
  const { values } = weights.get(name)!
  const rows = Math.min(count, values.length / row.length)
  return Float64Array.from({ length: rows }, (_, index) =>
    dot(row, values.subarray((first + index) * row.length, (first + index + 1) * row.length)),
  )
}

function rowOf(weights: NamedWeights, name: string, row: number): Vector {
  const { shape, values } = weights.get(name)!
  return Float64Array.from(values.subarray(row * shape.at(-1)!, (row + 1) * shape.at(-1)!))
}

function vector(weights: NamedWeights, name: string): Vector {
  return Float64Array.from(weights.get(name)!.values)
}

function softmax(scores: readonly number[]): readonly number[] {
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY)
  const powers = scores.map((score) => Math.exp(score - largest))
  const total = powers.reduce((all, power) => all + power, 0)
  return powers.map((power) => power / total)
}

const sum = (left: Vector, right: Vector): Vector => left.map((value, index) => value + right[index]!)
const scaled = (row: Vector, factor: number): Vector => row.map((value) => value * factor)

function dot(left: Vector, right: Vector | Float32Array): number {
  let total = 0
  for (let index = 0; index < left.length; index++) total += left[index]! * right[index]!
  return total
}
