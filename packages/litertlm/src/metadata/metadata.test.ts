import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LlmMetadata, MODEL_TYPES, type ModelType, SAMPLER_TYPES, type SamplerType } from './metadata.ts'
import { readMetadata } from './read.ts'
import { writeMetadata } from './write.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const PLAIN: LlmMetadata = { stopTokens: [], maxTokens: 1280, channels: [] }

describe('metadata of a bundle', () => {
  test('is written field by field as the engine’s proto has it', () => {
    const bytes = writeMetadata({
      ...PLAIN,
      startToken: { ids: [2] },
      stopTokens: [{ ids: [1] }, { text: 'A' }],
      promptTemplates: { user: { prefix: 'u', suffix: '\n' } },
      sampler: { type: 'top-p', k: 20, p: 0.5, temperature: 1, seed: 0 },
      modelType: 'qwen3',
    })
    expect(hex(bytes)).toBe(
      [
        '0a050a030a0102', // start_token { token_ids { ids: [2] } }
        '12050a030a0101', // stop_tokens { token_ids { ids: [1] } }
        '1203120141', // stop_tokens { token_str: "A" }
        '1a080a060a017512010a', // prompt_templates { user { prefix: "u" suffix: "\n" } }
        '2210080210141d0000003f250000803f2800', // sampler_params
        '28800a', // max_num_tokens: 1280
        '32022a00', // llm_model_type { qwen3 {} }
      ].join(''),
    )
  })

  test('comes back as it was written', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 })
    const id = fc.integer({ min: 0, max: 2 ** 31 - 1 })
    const token = fc.oneof(fc.record({ ids: fc.array(id, { maxLength: 3 }) }), fc.record({ text: word }))
    const affixes = fc.record({ prefix: word, suffix: word })
    const number = fc.float({ noNaN: true, noDefaultInfinity: true })
    const metadata: fc.Arbitrary<LlmMetadata> = fc.record(
      {
        startToken: token,
        stopTokens: fc.array(token, { maxLength: 3 }),
        promptTemplates: fc.record({ user: affixes, model: affixes, system: affixes }, { requiredKeys: [] }),
        sampler: fc.record(
          { type: fc.constantFrom(...(Object.keys(SAMPLER_TYPES) as SamplerType[])), k: id, p: number, temperature: number, seed: id },
          { requiredKeys: ['type', 'k', 'p', 'temperature'] },
        ),
        maxTokens: id,
        modelType: fc.constantFrom(...(Object.keys(MODEL_TYPES) as ModelType[])),
        jinjaTemplate: word,
        channels: fc.array(fc.record({ name: word, start: word, end: word }), { maxLength: 2 }),
      },
      { requiredKeys: ['stopTokens', 'maxTokens', 'channels'] },
    )
    fc.assert(
      fc.property(metadata, (given) => {
        expect(readMetadata(writeMetadata(given), 'x')).toEqual(given)
      }),
    )
  })

  test('may have fields of later versions', () => {
    const later = Uint8Array.from([...writeMetadata(PLAIN), 0x7a, 0x02, 0x68, 0x69])
    expect(readMetadata(later, 'x')).toEqual(PLAIN)
  })

  test.each([
    ['a message that ends inside a field', [0x0a, 0x05, 0x0a]],
    ['a length beyond the end', [0x3a, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ['a template that is a number', [0x38, 0x01]],
    ['text that is not UTF-8', [0x3a, 0x01, 0xff]],
    ['a sampler nobody knows', [0x22, 0x02, 0x08, 0x09]],
    ['a temperature that is none', [0x22, 0x05, 0x25, 0x00, 0x00, 0xc0, 0x7f]],
  ])('is refused for %s', (_what, bytes) => {
    expect(() => readMetadata(Uint8Array.from(bytes), 'a.litertlm')).toThrow(
      expect.objectContaining({ code: 'litertlm/metadata', message: expect.stringContaining('a.litertlm') }),
    )
  })

  test('never fails otherwise, however it is spoiled', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readMetadata(bytes, 'x')
        } catch (error) {
          expect(error).toMatchObject({ code: 'litertlm/metadata' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('a number too large for its field is not written', () => {
    expect(() => writeMetadata({ ...PLAIN, maxTokens: 2 ** 31 })).toThrow(expect.objectContaining({ code: 'litertlm/unwritable' }))
  })
})
