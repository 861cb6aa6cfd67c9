import { describe, expect, test } from 'vitest'
import { openModel } from './open-model.ts'
import { planGguf } from './plan/plan-gguf.ts'
import { executed, opened } from './test-support/execute.test-support.ts'
import { TINY_CONFIG, tinyCheckpoint, tinyFiles, tinyTensors } from './test-support/tiny-checkpoint.test-support.ts'

const code = (expected: string) => expect.objectContaining({ code: expected })
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

describe('a checkpoint', () => {
  test('is understood: its architecture, its weights, the layout they have', async () => {
    const model = await openModel(await tinyCheckpoint())
    expect(model.description.architecture.id).toBe('llama')
    expect(model.form).toBe('huggingFace')
    expect(model.weights.flatMap(({ stored }) => stored).toSorted()).toEqual([...tinyTensors().keys()].toSorted())
    expect(model.notices).toEqual([])
  })

  test('is understood alike after it became a GGUF', async () => {
    const model = await openModel(await tinyCheckpoint())
    const { plan } = await planGguf(model, { quants: ['f32'], pathFor: () => 'tiny.gguf' })
    const again = await openModel(await opened(await executed(plan, model.checkpoint)))
    expect(again.form).toBe('gguf')
    expect(again.description.spec).toEqual(model.description.spec)
  })

  test('whose configuration names more tokens than the embedding has rows is taken by its rows, and that is said', async () => {
    const model = await openModel(await tinyCheckpoint({ 'config.json': json({ ...TINY_CONFIG, vocab_size: 32000 }) }))
    expect(model.description.spec.vocabularySize).toBe(8)
    expect(model.notices).toEqual([expect.objectContaining({ code: 'convert/vocabulary-size' })])
  })
})

describe('refused is a checkpoint', () => {
  test('without weights', async () => {
    const checkpoint = await tinyCheckpoint()
    const empty = { ...checkpoint, tensors: { ...checkpoint.tensors, tensors: new Map() } }
    await expect(openModel(empty)).rejects.toEqual(code('convert/no-tensors'))
  })

  test('without a configuration', async () => {
    await expect(tinyCheckpoint({ 'config.json': undefined }).then(openModel)).rejects.toEqual(code('convert/no-configuration'))
  })

  test('of an unknown architecture', async () => {
    const config = json({ ...TINY_CONFIG, architectures: ['NobodyForCausalLM'] })
    await expect(tinyCheckpoint({ 'config.json': config }).then((checkpoint) => openModel(checkpoint))).rejects.toEqual(
      code('registry/unsupported'),
    )
  })

  test.each([
    ['lacks a tensor', (tensors: Map<string, readonly number[]>) => tensors.delete('model.norm.weight'), 'arch/tensor-missing'],
    ['has one too many', (tensors: Map<string, readonly number[]>) => tensors.set('model.layers.2.x', [1]), 'arch/tensor-unmapped'],
    ['has one of another shape', (tensors: Map<string, readonly number[]>) => tensors.set('model.norm.weight', [31]), 'arch/tensor-shape'],
  ])('that %s', async (_, change, expected) => {
    const tensors = tinyTensors()
    change(tensors)
    const checkpoint = await tinyCheckpoint({}, tinyFiles(TINY_CONFIG, tensors))
    await expect(openModel(checkpoint)).rejects.toEqual(code(expected))
  })
})
