import type { ModelSpec } from '@fs/arch'
import type { GGML_TYPES, TensorType } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { describe, expect, it } from 'vitest'
import { random } from '../test-support/bigram-model.test-support.ts'
import { compareDescriptions } from './compare-descriptions.ts'
import { compareLayerInputs } from './compare-layers.ts'
import { compareWeights, type WeightSource } from './compare-weights.ts'
import { expectedError } from './expected-error.ts'
import { findings } from './finding.ts'

const norm = { kind: 'rms', epsilon: 1e-6, weightOffset: 0 } as const
const WIDTH = 256

const spec = (base: number, layers = 2): ModelSpec => ({
  kind: 'encoder',
  vocabularySize: 32,
  hiddenSize: WIDTH,
  contextLength: 64,
  embedding: { scale: null, positions: null, tokenTypes: null, norm: null },
  layers: Array.from({ length: layers }, () => ({
    kind: 'sequential',
    attention: {
      kind: 'attention',
      heads: 2,
      keyValueHeads: 2,
      headDimension: WIDTH / 2,
      scale: 1,
      causal: true,
      window: null,
      softCap: null,
      clamp: null,
      bias: { query: false, key: false, value: false, output: false },
      queryKeyNorm: null,
      position: { kind: 'rope', dimensions: 8, base, pairing: 'half-split', scaling: { kind: 'none' } },
    },
    feedForward: { kind: 'mlp', width: WIDTH, activation: 'relu', bias: false },
    attentionNorm: norm,
    attentionPostNorm: null,
    feedForwardNorm: norm,
    feedForwardPostNorm: null,
  })),
  outputNorm: norm,
  pooling: 'none',
  normalize: false,
  dense: [],
})

/** Weights drawn from their names, stored as a type; one of them may be changed. */
function weightsOf(
  type: TensorType,
  change: { readonly tensor?: string; readonly by?: (values: Float32Array) => void } = {},
): WeightSource {
  const typeOf = (name: string): TensorType => (name.includes('norm') ? 'F32' : type)
  return {
    typeOf,
    read: async (name, firstRow, rows) => {
      const rowLength = name.includes('norm') ? 1 : WIDTH
      const next = random([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7))
      const all = Float32Array.from({ length: 32 * WIDTH * 8 }, () => next() - 0.5)
      if (change.tensor === name) change.by?.(all)
      const values = all.slice(firstRow * rowLength, (firstRow + rows) * rowLength)
      const bytes = new Uint8Array(values.buffer)
      if (typeOf(name) === 'F32') return { type: 'F32', bytes }
      const codec = plainRowCodec()
      codec.input(bytes.length).set(bytes)
      return { type, bytes: codec.encode({ from: 'F32', to: type as keyof typeof GGML_TYPES, rows, rowLength }).slice() }
    },
  }
}

describe('settings of two models', () => {
  it('that are the same differ in nothing, also when one was stored as float32', () => {
    expect(compareDescriptions(spec(10000), spec(10000))).toEqual([])
    expect(compareDescriptions(spec(1e-6), spec(Math.fround(1e-6)))).toEqual([])
  })

  it('that differ in every layer are told once', () => {
    expect(compareDescriptions(spec(10000), spec(500000))).toEqual([
      { field: 'layers.0.attention.position.base', reference: '10000', candidate: '500000', layers: [0, 1] },
    ])
  })

  it('name what one side lacks', () => {
    const [difference] = compareDescriptions(spec(10000, 2), spec(10000, 1))
    expect(difference).toMatchObject({ field: 'layers.1', candidate: 'absent' })
  })
})

describe('weights of two models', () => {
  const reference = { spec: spec(10000), weights: weightsOf('F32') }

  it.each(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_K', 'Q2_K'] as const)(
    'stored as %s lose no more than that type explains',
    async (type) => {
      const differences = await compareWeights(reference, { spec: spec(10000), weights: weightsOf(type) })
      expect(differences.filter(({ departs }) => departs)).toEqual([])
      expect(differences.some(({ relativeError }) => relativeError > 0)).toBe(type !== 'F32')
    },
  )

  it('swapped rows stand out even in two bits', async () => {
    const tensor = 'layers.1.attention.key.weight'
    const weights = weightsOf('Q2_K', { tensor, by: (values) => values.reverse() })
    const differences = await compareWeights(reference, { spec: spec(10000), weights })
    expect(differences.filter(({ departs }) => departs).map((difference) => difference.tensor)).toEqual([tensor])
    expect(findings({ fields: [], layers: [], weights: differences }, 1e-2)[0]).toMatch(
      /^layers\.1\.attention\.key\.weight \(Q2_K\) departs from the reference \(F32\): relative error [12]\.\d+e\+0/,
    )
  })

  it('are read from first row to last, of which a sample takes runs', async () => {
    const tensor = 'layers.1.attention.key.weight'
    const rowsRead = async (sample?: number) => {
      const rows: number[] = []
      const weights = weightsOf('Q8_0')
      const read: WeightSource['read'] = (name, first, many) => {
        if (name === tensor) rows.push(...Array.from({ length: many }, (_, index) => first + index))
        return weights.read(name, first, many)
      }
      await compareWeights(reference, { spec: spec(10000), weights: { ...weights, read } }, sample === undefined ? {} : { sample })
      return rows
    }
    expect(await rowsRead()).toEqual(Array.from({ length: WIDTH }, (_, row) => row))
    expect(await rowsRead(8 * WIDTH)).toEqual([0, 1, 84, 85, 169, 170, 254, 255])
    expect(await rowsRead(1)).toEqual([0, 85, 170, 255])
  })

  it('of the same type may not differ at all', () => {
    expect(expectedError('Q4_0', 'Q4_0')).toBe(0)
    expect(expectedError('F32', 'Q4_0')).toBeLessThan(expectedError('F32', 'Q2_K'))
    expect(expectedError('F32', 'IQ1_S')).toBe(0.9)
  })
})

describe('what was found', () => {
  const inputs = (values: readonly number[]) =>
    new Map(
      ['layers.0.attention.query', 'layers.0.attention.output', 'output'].map((name, index) => [
        name,
        Float32Array.of(1, 2, values[index]!),
      ]),
    )

  it('names the step between the last layer that agrees and the first that does not', () => {
    const layers = compareLayerInputs(inputs([3, 3, 3]), inputs([3, 5, 9]))
    expect(findings({ fields: [], layers, weights: [] }, 1e-6)).toEqual([
      expect.stringMatching(
        /^computation departs between layers\.0\.attention\.query .* and layers\.0\.attention\.output \(NMSE 2\.00e\+0\)$/,
      ),
    ])
  })

  it('says so when the first layer already reads something else', () => {
    const layers = compareLayerInputs(inputs([3, 3, 3]), inputs([4, 3, 3]))
    expect(findings({ fields: [], layers, weights: [] }, 1e-6)[0]).toMatch(/^already what layers\.0\.attention\.query reads differs/)
  })
})
