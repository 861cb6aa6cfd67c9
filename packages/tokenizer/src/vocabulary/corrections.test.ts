import { describe, expect, test } from 'vitest'
import { byteLevelFiles, changed, fixture, spacedFiles } from '../fixtures.test-support.ts'
import { ggufVocabulary } from './index.ts'

const scalars = (files: Parameters<typeof ggufVocabulary>[0]) => {
  const { metadata, report } = ggufVocabulary(files)
  return {
    entries: Object.fromEntries([...metadata].filter(([, { type }]) => type !== 'ARRAY').map(([key, { value }]) => [key, value])),
    report,
  }
}

describe('what llama.cpp would do otherwise by itself is written', () => {
  test('bos, under a name that adds it, when the tokenizer does not', () => {
    const files = changed((json) => {
      json.post_processor = null
      json.model.ignore_merges = true
    })
    const { entries, report } = scalars(files)
    expect(entries).toMatchObject({ 'tokenizer.ggml.pre': 'llama-bpe', 'tokenizer.ggml.add_bos_token': false })
    expect(report.notes.join()).toContain('does not add bos')
  })

  test('ids that only tokenizer.model names', () => {
    const { entries, report } = scalars({ tokenizerModel: fixture('unigram-rules.model') })
    expect(entries['tokenizer.ggml.eos_token_id']).toBe(2)
    expect(report.probes.equal).toBe(report.probes.all)
  })

  test('no space before a text, when the vocabulary has none', () => {
    const files = changed((json) => {
      json.normalizer = { type: 'Replace', pattern: { String: ' ' }, content: '▁' }
    }, spacedFiles())
    const { entries, report } = scalars(files)
    expect(entries['tokenizer.ggml.add_space_prefix']).toBe(false)
    expect(report.probes.equal).toBe(report.probes.all)
  })
})

test('nothing is corrected where the converter says it all', () => {
  expect(ggufVocabulary({ ...byteLevelFiles() }).report.notes).toEqual([])
})

test('an empty list of merges is written, since llama.cpp looks for the key', () => {
  const { metadata } = ggufVocabulary(
    changed((json) => {
      json.model.merges = []
    }),
  )
  expect(metadata.get('tokenizer.ggml.merges')).toEqual({ type: 'ARRAY', of: 'STRING', value: [] })
})

test('without tokenizer.model, scores follow the merges and the ids are kept', () => {
  const { report } = ggufVocabulary(spacedFiles())
  expect(report.probes.equal).toBe(report.probes.all)
  expect(report.notes.join()).toContain('order of the merges')
})

test('missing byte tokens are said, since llama.cpp does not survive a character that needs them', () => {
  const { report } = ggufVocabulary({ tokenizerModel: fixture('bpe-rules.model') })
  expect(report.notes.join()).toContain('0 of the 256 byte tokens')
})
