// What every registered architecture has to keep, with no code per architecture: names, lookups, round trips of configurations.
import { bindWeights, canonicalTensors, type Description, ggufView, huggingFaceView, type TensorShapes } from '@fs/arch'
import { inverseChain, transformShapes } from '@fs/arch/transforms'
import type { JsonObject } from '@fs/core'
import { ARCHITECTURES, architectureOfGguf, architectureOfHuggingFace } from '@fs/registry'
import { describe, expect, test } from 'vitest'
import { PUBLISHED, type PublishedCheckpoint } from './published-checkpoints.ts'

const described = ({ config, tensors }: PublishedCheckpoint): Description =>
  architectureOfHuggingFace(config).fromHuggingFace(huggingFaceView(config, tensors))

/** The tensors a GGUF of this description would hold. */
function ggufShapes({ weights, spec, derivedTensors }: Description): TensorShapes {
  const shapes = new Map(canonicalTensors(spec).map(({ name, shape }) => [name, shape]))
  const stored = weights.flatMap(({ canonical, gguf }) => {
    const end = gguf.store.reduce(
      (current, transform) => transformShapes(transform, current),
      canonical.map((name) => shapes.get(name)!) as readonly (readonly number[])[],
    )
    return gguf.names.map((name, part) => [name, end[part]!] as const)
  })
  return new Map([...stored, ...derivedTensors.map(({ name, values }) => [name, [values.length]] as const)])
}

/** transformers 5's spelling of a version 4 configuration. */
function inVersion5({ rope_theta, rope_scaling, rope_local_base_freq, ...rest }: JsonObject): JsonObject {
  if (rope_theta === undefined) return { ...rest, ...(rope_scaling === undefined ? {} : { rope_scaling }) }
  const scaling = rope_scaling !== null && typeof rope_scaling === 'object' ? (rope_scaling as JsonObject) : { rope_type: 'default' }
  const global = { ...scaling, rope_theta }
  return {
    ...rest,
    rope_parameters:
      rope_local_base_freq === undefined
        ? global
        : { full_attention: global, sliding_attention: { rope_type: 'default', rope_theta: rope_local_base_freq } },
  } as JsonObject
}

describe.each(PUBLISHED.map((checkpoint) => [checkpoint.id, checkpoint] as const))('%s', (id, checkpoint) => {
  test('is known by name', () => {
    expect(architectureOfHuggingFace(checkpoint.config).checkpoints).toContain(id)
  })

  test('maps every tensor, once', () => {
    const bound = bindWeights(described(checkpoint), 'huggingFace', checkpoint.tensors)
    const used = bound.flatMap(({ stored }) => stored)
    expect(new Set(used).size).toBe(used.length)
    const left = [...checkpoint.tensors.keys()].filter((name) => !used.includes(name))
    expect(
      left.filter(
        (name) =>
          !/(inv_freq|\.attn\.(masked_)?bias|attention\.(masked_)?bias|lm_head\.weight|position_ids|pooler\.dense\.\w+)$/.test(name),
      ),
    ).toEqual([])
  })

  test('a tensor too many, too few or of another shape is refused by name', () => {
    const description = described(checkpoint)
    const more = new Map([...checkpoint.tensors, ['model.layers.0.extra.weight', [1]]])
    expect(() => bindWeights(description, 'huggingFace', more)).toThrow(/model\.layers\.0\.extra\.weight/)
    const [norm] = [...checkpoint.tensors.keys()].filter((name) => /norm|ln_1/i.test(name))
    const fewer = new Map(checkpoint.tensors)
    fewer.delete(norm!)
    expect(() => bindWeights(description, 'huggingFace', fewer)).toThrow(/has no tensor/)
    expect(() => bindWeights(description, 'huggingFace', new Map([...checkpoint.tensors, [norm!, [3]]]))).toThrow(/has shape \[3\]/)
  })

  test('says the same in the spellings of transformers 4 and 5', () => {
    expect(described({ ...checkpoint, config: inVersion5(checkpoint.config) }).spec).toEqual(described(checkpoint).spec)
  })

  test('says the same after a way through GGUF', () => {
    const description = described(checkpoint)
    const metadata = new Map([
      ['general.architecture', { type: 'STRING', value: description.architecture.ggufArchitecture } as const],
      ...description.ggufMetadata,
    ])
    const settings = new Map(description.derivedTensors.map(({ name, values }) => [name, values]))
    const shapes = ggufShapes(description)
    const view = ggufView(metadata, shapes, settings)
    const back = architectureOfGguf(view).fromGguf(view)
    bindWeights(back, 'gguf', shapes)
    // What GGUF has no words for is announced instead.
    const announced = new Set(description.notices.map(({ code }) => code))
    const silenced = (spec: Description['spec']) =>
      JSON.parse(JSON.stringify(spec), (key, value) => {
        if (key === 'normalize' && announced.has('gguf/normalize')) return false
        if (key === 'window' && announced.has('gguf/sliding-window')) return null
        return key === 'activation' && announced.has('gguf/exact-gelu') ? 'gelu' : value
      })
    expect(silenced(back.spec)).toEqual(silenced(description.spec))
  })

  test('writes a config.json it reads as the same', () => {
    const description = described(checkpoint)
    const config = { ...description.huggingFaceConfig }
    const again = architectureOfHuggingFace(config).fromHuggingFace(huggingFaceView(config, checkpoint.tensors))
    expect(again.spec).toEqual(description.spec)
  })

  test('is described again from its own configuration values', () => {
    const description = described(checkpoint)
    const config = JSON.parse(JSON.stringify(description.config)) as JsonObject
    expect(description.architecture.fromConfig(config).spec).toEqual(description.spec)
  })
})

test('every architecture has its own id, and no two claim one Hugging Face name', () => {
  const ids = ARCHITECTURES.map(({ id }) => id)
  const names = ARCHITECTURES.flatMap(({ huggingFaceArchitectures }) => huggingFaceArchitectures)
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set(names).size).toBe(names.length)
})

test('rows invert: what one form stores, the other reads back', () => {
  for (const checkpoint of PUBLISHED) {
    for (const { huggingFace, gguf } of described(checkpoint).weights) {
      for (const { store } of [huggingFace, gguf]) expect(inverseChain(inverseChain(store))).toEqual(store)
    }
  }
})
