import { ggufView } from '@fs/arch'
import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { ARCHITECTURES } from './architectures.ts'
import { architectureById, architectureOfGguf, architectureOfHuggingFace } from './find.ts'

const gguf = (architecture: string, entries: { readonly [key: string]: MetadataValue } = {}) =>
  ggufView(new Map([['general.architecture', { type: 'STRING', value: architecture } as const], ...Object.entries(entries)]), new Map())

describe('by id', () => {
  test.each(ARCHITECTURES.map((architecture) => [architecture.id, architecture] as const))('%s is found', (id, architecture) => {
    expect(architectureById(id)).toBe(architecture)
    expect(architectureById(id.toUpperCase())).toBe(architecture)
  })

  test('no two architectures share one, nor a class name of transformers', () => {
    const ids = ARCHITECTURES.map(({ id }) => id)
    const classes = ARCHITECTURES.flatMap(({ huggingFaceArchitectures }) => huggingFaceArchitectures)
    expect([new Set(ids).size, new Set(classes).size]).toEqual([ids.length, classes.length])
  })

  test('an unknown id is answered with those there are', () => {
    expect(() => architectureById('lama')).toThrow(
      expect.objectContaining({ code: 'registry/no-such-id', message: expect.stringContaining('llama, mistral') }),
    )
  })
})

describe('by config.json', () => {
  test.each(ARCHITECTURES.flatMap(({ id, huggingFaceArchitectures }) => huggingFaceArchitectures.map((name) => [name, id] as const)))(
    '%s is %s',
    (name, id) => {
      expect(architectureOfHuggingFace({ architectures: [name], model_type: 'something else' }).id).toBe(id)
    },
  )

  test('the model type decides where no class is named', () => {
    expect(architectureOfHuggingFace({ model_type: 'gpt2' }).id).toBe('gpt2')
    expect(architectureOfHuggingFace({ architectures: [], model_type: 'qwen3' }).id).toBe('qwen3')
  })

  test('the text model of a multimodal one is meant', () => {
    const config = { architectures: ['ManySensesForConditionalGeneration'], text_config: { architectures: ['LlamaForCausalLM'] } }
    expect(architectureOfHuggingFace(config).id).toBe('llama')
  })

  test('an unknown class is not read as its model type says: it may be wired otherwise', () => {
    expect(() => architectureOfHuggingFace({ architectures: ['LlamaWithATwistForCausalLM'], model_type: 'llama' })).toThrow(
      expect.objectContaining({ code: 'registry/unsupported', details: { architecture: 'LlamaWithATwistForCausalLM' } }),
    )
    expect(() => architectureOfHuggingFace({ model_type: 'mamba' })).toThrow(expect.objectContaining({ code: 'registry/unsupported' }))
  })

  test('that names nothing, or names it by something that is no name, is refused', () => {
    for (const config of [{}, { architectures: [1, null] }, { architectures: 'LlamaForCausalLM', model_type: {} }]) {
      expect(() => architectureOfHuggingFace(config)).toThrow(expect.objectContaining({ code: 'registry/unnamed' }))
    }
  })
})

describe('by GGUF', () => {
  test('architectures that share a name there are told apart by what else is written', () => {
    expect(architectureOfGguf(gguf('llama')).id).toBe('llama')
    expect(architectureOfGguf(gguf('llama', { 'llama.expert_count': { type: 'UINT32', value: 8 } })).id).toBe('mixtral')
  })

  test('an unknown name is refused', () => {
    expect(() => architectureOfGguf(gguf('constructor'))).toThrow(expect.objectContaining({ code: 'registry/unsupported' }))
  })
})
