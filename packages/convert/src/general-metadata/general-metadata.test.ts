import type { JsonObject } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { type GeneralMetadataSources, generalMetadata } from './general-metadata.ts'
import { frontMatterOf } from './model-card.ts'

const entries = (sources: Partial<GeneralMetadataSources>) =>
  Object.fromEntries(
    generalMetadata({
      folderName: 'my-model',
      config: undefined,
      modelCard: undefined,
      generationConfig: undefined,
      overrides: undefined,
      name: undefined,
      parameters: { total: 1235814400, shared: 1235814400, expert: 0, experts: 0 },
      ...sources,
    }).map(([key, value]) => [key, value.value]),
  )

const card = (text: string) => `---\n${text}\n---\n# A model\n`

describe('a name', () => {
  test('is the user’s, else the card’s, else the repository’s, else the folder’s', () => {
    const modelCard = card('model_name: From the card')
    const config = { _name_or_path: 'org/from-config-1B' }
    expect(entries({ name: 'Mine', modelCard, config })['general.name']).toBe('Mine')
    expect(entries({ modelCard, config })['general.name']).toBe('From the card')
    expect(entries({ config })['general.name']).toBe('From Config 1B')
    expect(entries({})['general.name']).toBe('My Model')
  })

  test('that is a path of somebody’s disk is not believed', () => {
    expect(entries({ config: { _name_or_path: '/home/somebody/checkpoints/x' } })['general.name']).toBe('My Model')
  })

  test('gives organization, version and size where it has them', () => {
    expect(entries({ config: { _name_or_path: 'meta-llama/Llama-3.2-1B-Instruct' } })).toMatchObject({
      'general.organization': 'Meta Llama',
      'general.basename': 'Llama-3.2',
      'general.finetune': 'Instruct',
      'general.size_label': '1B',
    })
    expect(entries({})['general.size_label']).toBe('1.2B')
  })
})

describe('a model card', () => {
  test('gives licence, relations, tags and languages', () => {
    const modelCard = card(
      'license: apache-2.0\nlicense_link: https://example.org/licence\nbase_model: org/Base-7B-v2\ndatasets: [org/text]\ntags: [chat, code]\npipeline_tag: text-generation\nlanguage: no',
    )
    const made = entries({ modelCard })
    expect(made).toMatchObject({
      'general.license': 'apache-2.0',
      'general.license.link': 'https://example.org/licence',
      'general.base_model.count': 1,
      'general.base_model.0.name': 'Base 7B v2',
      'general.base_model.0.organization': 'Org',
      'general.base_model.0.version': 'v2',
      'general.base_model.0.repo_url': 'https://huggingface.co/org/Base-7B-v2',
      'general.dataset.count': 1,
      'general.tags': ['chat', 'code', 'text-generation'],
      // Norwegian, not a boolean.
      'general.languages': ['no'],
    })
  })

  test('that is broken, missing its end, or not a list of keys stops nothing', () => {
    expect(frontMatterOf('---\na: b: c\n---\n')).toBeUndefined()
    expect(frontMatterOf('---\n- a\n- b\n---\n')).toBeUndefined()
    expect(frontMatterOf('# no front matter')).toBeUndefined()
    expect(frontMatterOf('---\nlicense: mit')).toEqual({ license: 'mit' })
  })

  test('that would expand without end is not read', () => {
    const level = (letter: string, below: string) => `${letter}: &${letter} [${Array(20).fill(`*${below}`).join(', ')}]`
    const levels = ['a: &a [x]', level('b', 'a'), level('c', 'b'), level('d', 'c')]
    expect(frontMatterOf(card(levels.slice(0, 2).join('\n')))).toHaveProperty('b')
    expect(frontMatterOf(card(levels.join('\n')))).toBeUndefined()
  })
})

describe('generation settings', () => {
  test('are written with the types llama.cpp reads, before everything else', () => {
    const generationConfig: JsonObject = { top_k: 40, top_p: 0.9, temperature: 0.7, repetition_penalty: 1.1, do_sample: true }
    const keys = Object.keys(entries({ generationConfig }))
    expect(keys.slice(0, 5)).toEqual([
      'general.type',
      'general.sampling.top_k',
      'general.sampling.top_p',
      'general.sampling.temp',
      'general.sampling.penalty_repeat',
    ])
    expect(entries({ generationConfig })['general.sampling.top_p']).toBe(Math.fround(0.9))
  })

  test('that are no numbers are left out', () => {
    expect(entries({ generationConfig: { top_k: 'many', top_p: null } })).not.toHaveProperty(['general.sampling.top_k'])
  })
})

test('what the user overrides counts before all else', () => {
  const overrides = { 'general.license': 'mit', 'general.tags': ['mine'], 'general.base_models': [{ name: 'Base', url: 'https://b' }] }
  expect(entries({ modelCard: card('license: other\ntags: [theirs]'), overrides })).toMatchObject({
    'general.license': 'mit',
    'general.tags': ['mine'],
    'general.base_model.0.name': 'Base',
    'general.base_model.0.url': 'https://b',
  })
})
