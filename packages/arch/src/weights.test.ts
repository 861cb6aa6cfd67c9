import { describe, expect, test } from 'vitest'
import { canonicalTensors } from './canonical-tensors.ts'
import { huggingFaceView } from './checkpoint-view.ts'
import { expertWeights } from './common-experts.ts'
import { embeddingAndHead, preNorms } from './common-weights.ts'
import { example, exampleConfig, exampleTensors } from './example-arch.test-support.ts'
import type { DecoderSpec } from './spec.ts'
import { expandWeights, weight } from './weights.ts'

const { spec } = example.fromHuggingFace(huggingFaceView(exampleConfig, exampleTensors()))

/** The example with one layer, changed. */
function oneLayer(change: (layer: DecoderSpec['layers'][number]) => DecoderSpec['layers'][number]): DecoderSpec {
  if (spec.kind !== 'decoder') throw new Error('the example is a decoder')
  return { ...spec, layers: spec.layers.slice(0, 1).map(change) }
}

describe('a table of weights', () => {
  test('becomes one row for each layer, and for each bias the description has', () => {
    const biased = oneLayer((layer) => ({
      ...layer,
      attention: { ...layer.attention, bias: { query: true, key: false, value: false, output: false } },
    }))
    const rows = expandWeights(
      [
        ...embeddingAndHead(),
        ...preNorms(),
        ...['query', 'key', 'value', 'output'].map((name) =>
          weight(
            `layers.{i}.attention.${name}`,
            { names: `h.{i}.${name}`, store: [{ kind: 'transpose' }, { kind: 'add', value: 1 }] },
            `blk.{i}.${name}`,
          ),
        ),
        ...['gate', 'up', 'down'].map((name) => weight(`layers.{i}.feed_forward.${name}`, `h.{i}.${name}`, `blk.{i}.${name}`)),
      ],
      biased,
    )
    expect(rows.flatMap(({ canonical }) => canonical).toSorted()).toEqual(
      canonicalTensors(biased)
        .map(({ name }) => name)
        .toSorted(),
    )
    // A vector has no second dimension to swap.
    expect(rows.find(({ canonical }) => canonical[0] === 'layers.0.attention.query.bias')).toEqual({
      canonical: ['layers.0.attention.query.bias'],
      huggingFace: { names: ['h.0.query.bias'], store: [{ kind: 'add', value: 1 }] },
      gguf: { names: ['blk.0.query.bias'], store: [] },
    })
  })

  test('names every expert of a stacked tensor', () => {
    const experts = oneLayer((layer) => ({
      ...layer,
      feedForward: { kind: 'mixture', experts: 3, expertsUsed: 2, width: 4, activation: 'silu', normalizeWeights: true },
    }))
    const names = { router: 'gate', gate: 'experts.{e}.w1', up: 'experts.{e}.w3', down: 'experts.{e}.w2' }
    const rows = expandWeights(
      [
        ...embeddingAndHead(),
        ...preNorms(),
        ...['query', 'key', 'value', 'output'].map((name) => weight(`layers.{i}.attention.${name}`, name, name)),
        ...expertWeights(names, 3),
      ],
      experts,
    )
    const up = rows.find(({ canonical }) => canonical[0] === 'layers.0.feed_forward.experts.up.weight')
    expect(up?.huggingFace.names).toEqual([0, 1, 2].map((expert) => `model.layers.0.experts.${expert}.w3.weight`))
    expect(up?.gguf.names).toEqual(['blk.0.ffn_up_exps.weight'])
  })

  test('that would name more experts than any model has is refused before it does', () => {
    expect(() => expandWeights(expertWeights({ router: 'r', gate: '{e}', up: '{e}', down: '{e}' }, 2 ** 30), spec)).toThrow(
      expect.objectContaining({ code: 'arch/config-invalid' }),
    )
  })

  test('that leaves out a tensor the description calls for is a mistake, and named', () => {
    expect(() => expandWeights(embeddingAndHead(), spec)).toThrow(
      expect.objectContaining({ code: 'arch/tensor-unmapped', details: { tensor: 'layers.0.attention_norm.weight' } }),
    )
  })
})
