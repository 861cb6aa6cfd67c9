import { describe, expect, test } from 'vitest'
import { byteLevelFiles, changed } from '../fixtures.test-support.ts'

import { splitterPatterns } from '../pre-tokenizers/splitters.ts'
import { hasShared, sharedFiles, WITHOUT_SHARED } from '../shared.test-support.ts'
import { ggufVocabulary, PRE_TOKENIZERS, type PreTokenizerName, type VocabularyOptions } from './index.ts'

const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
const cutBy = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false })
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers })

/** What is found for the byte-level fixture with other stages. */
const find = (stages: object | undefined, options: VocabularyOptions = {}, more: object = {}) => {
  const files = changed((json) => {
    if (stages !== undefined) json.pre_tokenizer = stages as Record<string, unknown>
    Object.assign(json, more)
  })
  return ggufVocabulary(files, options).report.preTokenizer!
}

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const tail = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
const gpt4 = (numbers: string) => String.raw`${contractions}|[^\r\n\p{L}\p{N}]?\p{L}+|${numbers}|${tail}`

describe('the stages of a tokenizer.json', () => {
  test.each([
    ['dbrx', undefined],
    ['qwen2', sequence(cutBy(gpt4(String.raw`\p{N}`)), bytes)],
    ['gpt-2', { ...bytes, use_regex: true }],
    ['starcoder', sequence({ type: 'Digits', individual_digits: true }, { ...bytes, use_regex: true })],
    [
      'falcon',
      sequence(
        { type: 'Punctuation', behavior: 'Contiguous' },
        { ...bytes, use_regex: true },
        { type: 'Digits', individual_digits: false },
        cutBy('[0-9][0-9][0-9]'),
      ),
    ],
    [
      'qwen35',
      sequence(
        cutBy(String.raw`${contractions}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`),
        bytes,
      ),
    ],
    [
      'seed-coder',
      sequence(cutBy(String.raw`${contractions}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+`), bytes),
    ],
    [
      'deepseek-v3',
      sequence(
        cutBy(String.raw`\p{N}{1,3}`),
        cutBy('[一-龥\u3040-ゟ゠-ヿ]+'),
        cutBy(
          String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${'`'}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
        ),
        bytes,
      ),
    ],
    ['bloom', sequence(cutBy(String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`), bytes)],
    ['superbpe', sequence(cutBy(String.raw`\p{N}+`), cutBy(String.raw`(?=(\d{3})+(?!\d))`), bytes)],
  ] as const)('are found to be %s', (name, stages) => {
    const finding = find(stages)
    expect(finding.pre).toBe(name)
    expect(finding.probes).toEqual({ equal: finding.probes.all, all: finding.probes.all })
  })

  test('say which other names cut alike, and the family chooses among them', () => {
    const gpt2 = { ...bytes, use_regex: true }
    expect(find(gpt2)).toMatchObject({ pre: 'gpt-2', chosenBy: 'structure', alike: expect.arrayContaining(['olmo', 'mpt', 'phi-2']) })
    expect(find(gpt2, { traits: { preferredPre: 'olmo' } })).toMatchObject({ pre: 'olmo', chosenBy: 'family' })
  })

  test('of Llama 3 are llama-bpe for its family even where a file leaves ignore_merges out, as merges make every token', () => {
    expect(find(undefined, { traits: { preferredPre: 'llama-bpe' } })).toMatchObject({ pre: 'llama-bpe', chosenBy: 'family' })
    expect(find(undefined, {}, {}).alike).toContain('smaug-bpe')
  })

  test('win over a family whose name cuts otherwise', () => {
    expect(find({ ...bytes, use_regex: true }, { traits: { preferredPre: 'qwen2' } }).pre).toBe('gpt-2')
  })

  test('may be spelled in any way: then the ids decide', () => {
    const respelled = String.raw`'(?:[sdmtSDMT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|${tail}`
    expect(find(sequence(cutBy(respelled), bytes))).toMatchObject({ chosenBy: 'ids', pre: 'dbrx' })
    expect(find(sequence(cutBy(respelled), bytes)).alike).toContain('glm4')
  })

  test('are named by a user over everything, with a warning where that is wrong', () => {
    const right = find(undefined, { pre: 'falcon3' })
    expect(right).toMatchObject({ pre: 'falcon3', chosenBy: 'user', notes: [] })
    const wrong = find(undefined, { pre: 'gpt-2' })
    expect(wrong.probes.equal).toBeLessThan(wrong.probes.all)
    expect(wrong.notes.join()).toContain('cuts texts otherwise')
  })

  test('are refused under a name nobody has, with those near it', () => {
    expect(() => find(undefined, { pre: 'qwen' })).toThrow(
      expect.objectContaining({ code: 'tokenizer/no-such-pre', message: expect.stringMatching(/near it: .*qwen2/) }),
    )
    expect(() => find(undefined, { pre: 'nosuch' })).toThrow(/it knows .*chatglm-bpe, .*llama-bpe/)
  })

  test.each([
    ['a pattern of its own', sequence(cutBy(String.raw`\p{L}{1,2}|[^\p{L}]`), bytes), {}],
    ['a space put before the text', { ...bytes, use_regex: true, add_prefix_space: true }, {}],
    ['lower case', undefined, { normalizer: { type: 'Lowercase' } }],
  ])('are refused when llama.cpp has no name for %s', (_what, stages, more) => {
    expect(() => find(stages, {}, more)).toThrow(
      expect.objectContaining({ code: 'tokenizer/pre-undetermined', message: expect.stringMatching(/of \d+ texts equal/) }),
    )
  })

  test('that normalize to NFC are compared in that form, and llama.cpp’s lack of it is said', () => {
    const finding = find(undefined, {}, { normalizer: { type: 'NFC' } })
    expect(finding.probes.equal).toBe(finding.probes.all)
    expect(finding.notes.join()).toContain('NFC')
  })
})

test('whole words first is not the same when merges do not make every token', () => {
  // The fixture with a token no merge makes: only a name that ignores merges, or only one that does not, is right.
  const files = (ignore: boolean) =>
    changed((json) => {
      json.model.vocab.Ġtheunmergeable = 1024
      json.model.ignore_merges = ignore
    })
  expect(ggufVocabulary(files(true)).report.preTokenizer?.pre).toBe('llama-bpe')
  expect(ggufVocabulary(files(false)).report.preTokenizer?.pre).toBe('dbrx')
})

test.each(Object.keys(PRE_TOKENIZERS) as PreTokenizerName[])('the patterns of %s compile', (name) => {
  expect(splitterPatterns(PRE_TOKENIZERS[name].splitter).length).toBeGreaterThan(0)
})

describe.skipIf(!hasShared('realdata/tokenizers'))(`published vocabularies (${WITHOUT_SHARED})`, () => {
  test.each([
    ['llama3_2', 'llama-bpe'],
    ['qwen2_5', 'qwen2'],
    ['qwen3', 'qwen2'],
    ['gpt2', 'gpt-2'],
  ])('%s is %s by structure, confirmed by ids', (name, pre) => {
    const { report } = ggufVocabulary(sharedFiles(`realdata/tokenizers/${name}`))
    expect(report.preTokenizer).toMatchObject({ pre, chosenBy: 'structure' })
    expect(report.probes).toEqual({ equal: report.probes.all, all: report.probes.all })
  })

  test.each(['realdata/tokenizers/gemma2', 'realdata/tinystories-656k-hf', 'realdata/gpt2-makemore-names-hf'])(
    '%s keeps its ids in a GGUF',
    (folder) => {
      const { report } = ggufVocabulary(sharedFiles(folder))
      expect(report.probes).toEqual({ equal: report.probes.all, all: report.probes.all })
    },
  )
})

test('a vocabulary larger than the model is refused, a smaller one is filled up', () => {
  const { rows, padded } = ggufVocabulary(byteLevelFiles(), { rows: 1030 }).report
  expect([rows, padded]).toEqual([1030, 6])
  expect(() => ggufVocabulary(byteLevelFiles(), { rows: 1000 })).toThrow(expect.objectContaining({ code: 'tokenizer/vocabulary-size' }))
  const { report } = ggufVocabulary(byteLevelFiles(), { rows: 1023 })
  expect(report.notes.join()).toContain('"<|eot_id|>" (id 1023) is left out')
})

test('named templates get keys of their own and a list', () => {
  const { metadata } = ggufVocabulary(byteLevelFiles(), {
    chatTemplates: [
      { name: 'default', template: 'A' },
      { name: 'tool use', template: 'B' },
    ],
  })
  const templates = [...metadata].filter(([key]) => key.startsWith('tokenizer.chat_template'))
  expect(templates.map(([key, value]) => [key, value.value])).toEqual([
    ['tokenizer.chat_template.tool_use', 'B'],
    ['tokenizer.chat_templates', ['tool_use']],
    ['tokenizer.chat_template', 'A'],
  ])
})
