// Rotary embeddings: the tables of cosines and sines a graph carries, and the node that rotates queries or keys.
// The frequencies themselves come from `@fs/arch`.
import type { PositionSpec } from '@fs/arch'
import { ropeFrequencies } from '@fs/arch/rope-frequencies'
import { int } from '../graph/attributes.ts'
import type { Value } from '../graph/graph-builder.ts'
import type { Recipe } from '../weights/graph-tensor.ts'
import type { Building } from './building.ts'

export type RopeSpec = Extract<PositionSpec, { kind: 'rope' }>

/** What a table of cosines or sines is computed from. */
export type RotaryRecipe = Extract<Recipe, { kind: 'rotary' }>

/** Cosine and sine tables, [positions, dimensions / 2], shared by all layers that rotate alike. */
export function rotaryTables(
  building: Building,
  rope: RopeSpec,
  contextLength: number,
): { readonly cosines: Value; readonly sines: Value } {
  const ranges = rotaryRanges(rope, contextLength)
  const table = (kind: 'cosine' | 'sine'): Value =>
    building.builder.initializer({
      name: `rotary.${kind}s.${rotaryKey(rope)}`,
      type: building.options.precision,
      shape: [ranges.reduce((sum, range) => sum + range.positions, 0), rope.dimensions / 2],
      recipe: { kind: 'rotary', function: kind, rope, ranges },
    })
  return { cosines: table('cosine'), sines: table('sine') }
}

/**
 * The parts of a table. Longrope has two sets of frequencies, for sequences up to the original context length and beyond it;
 * the table then holds both, one under the other.
 */
function rotaryRanges(rope: RopeSpec, contextLength: number): RotaryRecipe['ranges'] {
  const { scaling } = rope
  if (scaling.kind !== 'longrope' || contextLength <= scaling.originalContextLength)
    return [{ sequenceLength: 1, positions: contextLength }]
  return [
    { sequenceLength: 1, positions: scaling.originalContextLength },
    { sequenceLength: contextLength, positions: contextLength },
  ]
}

/** Sequence length above which other rows of the table count; null where there is but one set of frequencies. */
export function rotarySwitch(rope: RopeSpec, contextLength: number): number | null {
  return rope.scaling.kind === 'longrope' && contextLength > rope.scaling.originalContextLength ? rope.scaling.originalContextLength : null
}

/** Rotates [batch, sequence, heads * headDimension]. */
export function rotate(
  building: Building,
  scope: string,
  rope: RopeSpec,
  tables: { readonly cosines: Value; readonly sines: Value },
  heads: number,
  positions: Value,
  value: Value,
): Value {
  return building.builder.node(scope, 'RotaryEmbedding', [value, positions, tables.cosines, tables.sines], {
    interleaved: int(rope.pairing === 'interleaved' ? 1 : 0),
    num_heads: int(heads),
    rotary_embedding_dim: int(rope.dimensions),
  })
}

/**
 * The numbers of a table, row by row: cos or sin of position * frequency, times the attention factor. Frequencies and angles are
 * rounded to float32 as in transformers, where models were trained (modeling_rope_utils.py).
 */
export function rotaryTable(recipe: RotaryRecipe): Float32Array {
  return rotaryRows(recipe, 0, rotaryPositions(recipe))
}

/** Rows a table has. */
export function rotaryPositions({ ranges }: RotaryRecipe): number {
  return ranges.reduce((sum, range) => sum + range.positions, 0)
}

/** Some rows of the table: `count` from `start` on. */
export function rotaryRows({ rope, ranges, function: kind }: RotaryRecipe, start: number, count: number): Float32Array {
  const pairs = rope.dimensions / 2
  const rows = new Float32Array(count * pairs)
  const wave = kind === 'cosine' ? Math.cos : Math.sin
  let index = 0
  let first = 0
  for (const { sequenceLength, positions } of ranges) {
    const [from, to] = [Math.max(start - first, 0), Math.min(start + count - first, positions)]
    first += positions
    if (from >= to) continue
    const { frequencies, attentionFactor } = ropeFrequencies(rope, sequenceLength)
    const rounded = frequencies.map(Math.fround)
    for (let position = from; position < to; position++) {
      for (let pair = 0; pair < pairs; pair++) rows[index++] = wave(Math.fround(position * rounded[pair]!)) * attentionFactor
    }
  }
  return rows
}

/** Equal for ropes with equal tables, short enough for a name. */
function rotaryKey(rope: RopeSpec): string {
  const description = JSON.stringify([rope.dimensions, rope.base, rope.scaling])
  let hash = 0xcbf29ce484222325n
  // FNV-1a, 64 bits.
  for (let index = 0; index < description.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(description.charCodeAt(index))) * 0x100000001b3n)
  return hash.toString(16)
}
