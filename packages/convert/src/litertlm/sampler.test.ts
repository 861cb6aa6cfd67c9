import { describe, expect, test } from 'vitest'
import { familyPreset } from './presets.ts'
import { samplerOf } from './sampler.ts'

describe('a model’s settings as a sampler', () => {
  test.each([
    ['greedy', { strategy: 'greedy' } as const, { k: 1, p: 1, temperature: 1 }],
    ['no temperature', { strategy: 'sample', temperature: 0, topK: 5 } as const, { k: 1, p: 1, temperature: 1 }],
    ['the likeliest', { strategy: 'sample', temperature: 0.5, topK: 5 } as const, { k: 5, p: 1, temperature: 0.5 }],
    ['all tokens', { strategy: 'top-p', topP: 0.5, topK: 0 } as const, { k: 1000, p: 0.5, temperature: 1 }],
  ])('%s', (_what, config, expected) => {
    expect(samplerOf(config, 1000)).toEqual({ sampler: { type: 'top-p', seed: 0, ...expected }, lost: [] })
  })

  test('what it has no place for is named, unless it changes nothing', () => {
    expect(samplerOf({ strategy: 'sample', minP: 0.1, repetitionPenalty: 2 }, 9).lost).toEqual(['minP', 'repetitionPenalty'])
    expect(samplerOf({ strategy: 'sample', minP: 0, repetitionPenalty: 1 }, 9).lost).toEqual([])
  })
})

test('presets are those of the reference conversions', () => {
  expect(familyPreset('qwen3')).toEqual({
    modelType: 'qwen3',
    sampler: { type: 'top-p', k: 20, p: 0.95, temperature: 0.6, seed: 0 },
    stopTokens: ['<|im_end|>'],
  })
  expect(familyPreset('gemma3').sampler).toEqual({ type: 'top-p', k: 1, p: 0.95, temperature: 1, seed: 0 })
  expect(familyPreset('constructor')).toEqual({ modelType: 'generic' })
})
