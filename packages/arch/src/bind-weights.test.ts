import { describe, expect, test } from 'vitest'
import { bindWeights, formOf } from './bind-weights.ts'
import { canonicalTensors } from './canonical-tensors.ts'
import { huggingFaceView } from './checkpoint-view.ts'
import { example, exampleConfig, exampleTensors } from './example-arch.test-support.ts'

const description = example.fromHuggingFace(huggingFaceView(exampleConfig, exampleTensors()))

const changed = (change: (tensors: Map<string, readonly number[]>) => void) => {
  const tensors = exampleTensors()
  change(tensors)
  return () => bindWeights(description, 'huggingFace', tensors)
}

describe('bindWeights', () => {
  test('finds every tensor of a checkpoint under the name the file gives it', () => {
    const tensors = exampleTensors()
    tensors.set('layers.0.mlp.up_proj.weight', [12, 8])
    tensors.delete('model.layers.0.mlp.up_proj.weight')
    const bound = bindWeights(description, 'huggingFace', tensors)
    expect(bound.flatMap(({ stored }) => stored).toSorted()).toEqual([...tensors.keys()].toSorted())
  })

  test('finds the same rows in GGUF, beside the tensors that follow from the configuration', () => {
    const tensors = new Map<string, readonly number[]>([['rope_freqs.weight', [2]]])
    const shapes = new Map(canonicalTensors(description.spec).map(({ name, shape }) => [name, shape]))
    for (const row of description.weights) tensors.set(formOf(row, 'gguf').names[0]!, shapes.get(row.canonical[0]!)!)
    const bound = bindWeights(description, 'gguf', tensors)
    const query = bound.find(({ stored }) => stored[0] === 'blk.1.attn_q.weight')
    expect(query?.row.canonical).toEqual(['layers.1.attention.query.weight'])
    expect(query?.store).toEqual([{ kind: 'interleave-rope', heads: 2 }])
  })

  test('in canonical form nothing is renamed or rearranged', () => {
    const tensors = new Map(canonicalTensors(description.spec).map(({ name, shape }) => [name, shape]))
    for (const { row, stored, store } of bindWeights(description, 'canonical', tensors)) {
      expect([stored, store]).toEqual([row.canonical, []])
    }
  })

  test('stops at a tensor that is missing', () => {
    expect(changed((tensors) => tensors.delete('model.layers.1.mlp.down_proj.weight'))).toThrow(
      expect.objectContaining({ code: 'arch/tensor-missing', details: { tensor: 'model.layers.1.mlp.down_proj.weight' } }),
    )
  })

  test('stops at a tensor that has no place', () => {
    expect(changed((tensors) => tensors.set('model.layers.2.x', [1]).set('model.layers.2.y', [1]))).toThrow(
      expect.objectContaining({ code: 'arch/tensor-unmapped', message: expect.stringContaining('model.layers.2.x (and 1 more)') }),
    )
  })

  test.each([[[8, 13]], [[12, 8]], [[96]]])('stops at a tensor of shape %j where [8, 12] is needed', (shape) => {
    expect(changed((tensors) => tensors.set('model.layers.0.mlp.down_proj.weight', shape))).toThrow(
      expect.objectContaining({
        code: 'arch/tensor-shape',
        details: { tensor: 'model.layers.0.mlp.down_proj.weight', actual: shape, expected: [8, 12] },
      }),
    )
  })
})
