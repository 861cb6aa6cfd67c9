// Attention over a cache that comes in and goes out: keys [1, heads, cacheLength, dimension], values transposed, as litert-torch's
// KV_LAYOUT_TRANSPOSED has them (layers/kv_cache.py, sdpa_with_kv_update.py).
import type { AttentionSpec } from '@fs/arch'
import type { Building } from './building.ts'
import { linear } from './linear.ts'
import { norm } from './norm.ts'
import type { Positions } from './positions.ts'
import { rotate } from './rotary.ts'
import type { Value } from './subgraph-builder.ts'

/** A layer's cache, with this call's keys and values in it. */
export type Cache = { readonly keys: Value; readonly values: Value }

type Layer = { readonly name: string; readonly index: number; readonly spec: AttentionSpec }

/** Declares the inputs a layer's cache comes in by, writes the new keys and values into it and declares the outputs, of the same names. */
export function updateCache(building: Building, { name, index, spec }: Layer, positions: Positions, value: Value): Cache {
  const { builder, length, options } = building
  const { keyValueHeads: heads, headDimension } = spec
  const scope = `${name}.attention`
  const keyInput = builder.input(`kv_cache_k_${index}`, 'float32', [1, heads, options.cacheLength, headDimension])
  const valueInput = builder.input(`kv_cache_v_${index}`, 'float32', [1, heads, headDimension, options.cacheLength])
  const newKeys = headsOf(building, spec, `${scope}.key`, heads, positions, value, spec.bias.key)
  const projected = linear(building, `${scope}.value`, value, heads * headDimension, spec.bias.value)
  const newValues = builder.transpose(scope, builder.reshape(scope, projected, [1, length, heads, headDimension]), [0, 2, 3, 1])
  const written = (cache: Value, update: Value, start: Value) =>
    builder.operator(scope, { kind: 'dynamicUpdateSlice' }, [cache, update, start], cache.shape)
  const keys = written(keyInput, newKeys, positions.keyStart)
  const values = written(valueInput, newValues, positions.valueStart)
  builder.output(`kv_cache_k_${index}`, keys)
  builder.output(`kv_cache_v_${index}`, values)
  return { keys, values }
}

/** @param value [1, length, hidden], normed @returns the same shape, projected */
export function attend(building: Building, { name, spec }: Layer, positions: Positions, cache: Cache, value: Value): Value {
  const { builder, length, options } = building
  const { heads, keyValueHeads, headDimension } = spec
  const scope = `${name}.attention`
  const group = heads / keyValueHeads
  const { cacheLength } = options
  const queries = headsOf(building, spec, `${scope}.query`, heads, positions, value, spec.bias.query)
  const scaled = spec.scale === 1 ? queries : builder.arithmetic(scope, 'mul', queries, builder.scalar(spec.scale))
  // The query heads that share keys stand under one another, so that one product serves them all.
  const grouped = builder.reshape(scope, scaled, [1, keyValueHeads, group * length, headDimension])
  const product = (left: Value, right: Value, columns: number) =>
    builder.operator(scope, { kind: 'batchMatmul', transposeRight: true }, [left, right], [1, keyValueHeads, group * length, columns])
  const scores = builder.reshape(scope, product(grouped, cache.keys, cacheLength), [keyValueHeads, group, length, cacheLength])
  const masked = builder.arithmetic(scope, 'add', scores, positions.maskOf(spec.window))
  const rows = builder.reshape(scope, masked, [1, keyValueHeads, group * length, cacheLength])
  const weights = builder.operator(scope, { kind: 'softmax' }, [rows], rows.shape)
  const seen = builder.reshape(scope, product(weights, cache.values, headDimension), [1, heads, length, headDimension])
  const joined = builder.reshape(scope, builder.transpose(scope, seen, [0, 2, 1, 3]), [1, length, heads * headDimension])
  return linear(building, `${scope}.output`, joined, building.spec.hiddenSize, spec.bias.output)
}

/** Queries or keys: projected, normed and rotated, [1, heads, length, dimension]. */
function headsOf(
  building: Building,
  spec: AttentionSpec,
  name: string,
  heads: number,
  positions: Positions,
  value: Value,
  bias: boolean,
): Value {
  const { builder, length } = building
  const width = heads * spec.headDimension
  const shape = [1, length, heads, spec.headDimension]
  const normSpec = spec.queryKeyNorm?.norm.kind === 'rms' ? spec.queryKeyNorm.norm : null
  const normName = `${name}_norm`
  const projected = linear(building, name, value, width, bias)
  const whole = normSpec !== null && spec.queryKeyNorm?.over === 'all-heads' ? norm(building, normName, normSpec, projected) : projected
  const split = builder.reshape(name, whole, shape)
  const normed = normSpec !== null && spec.queryKeyNorm?.over === 'head' ? norm(building, normName, normSpec, split) : split
  const turned = builder.transpose(name, normed, [0, 2, 1, 3])
  return spec.position.kind === 'rope' ? rotate(building, name, spec.position, positions.rotary(spec.position), turned) : turned
}
