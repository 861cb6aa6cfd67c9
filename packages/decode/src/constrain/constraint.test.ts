import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecodingConfig } from '../config.ts'
import { decodeBatch, decodeText } from '../decode.ts'
import { CODEC, END, hashedRow, tableCodec, tableModel } from '../testing.test-support.ts'
import type { ConstraintState } from './constraint.ts'
import { choiceConstraint, gbnfConstraint, jsonSchemaConstraint, patternConstraint } from './index.ts'

const SIZE = CODEC.vocabularySize
const STOP = new Set([END])
const model = () => tableModel(SIZE, 4096, hashedRow(SIZE, 4, 2))
const allowed = (state: ConstraintState): number[] => {
  const logits = new Float32Array(SIZE)
  state.forbid(logits, SIZE)
  return [...logits.keys()].filter((id) => logits[id] === 0)
}

describe('which tokens are allowed', () => {
  test('tokens that cover several parts of the grammar or half a character, and the stop token only at the end', () => {
    const state = gbnfConstraint('root ::= "{" "\\"" [a-zé]{2} "\\":" ', CODEC).start(STOP)
    const show = () => allowed(state).map((id) => (id === END ? 'END' : JSON.stringify(new TextDecoder().decode(CODEC.idToBytes(id)))))
    expect(show()).toEqual(['"{"', '"{\\""'])
    state.advance(CODEC.encode('{"', { addSpecialTokens: false })[0]!)
    const half = [...Array(SIZE).keys()].find((id) => CODEC.idToBytes(id)?.[0] === 0xc3 && CODEC.idToBytes(id)?.length === 1)!
    expect(state.allows(half)).toBe(true)
    state.advance(half)
    expect(allowed(state).map((id) => [...CODEC.idToBytes(id)!])).toEqual([[0xa9]])
    state.advance(allowed(state)[0]!)
    expect(show()).toHaveLength(28)
    state.advance(CODEC.encode('z', { addSpecialTokens: false })[0]!)
    expect(show()).toEqual(['"\\""', '"\\":"'])
    state.advance(CODEC.encode('":', { addSpecialTokens: false })[0]!)
    expect(show()).toEqual(['END'])
    expect(state.finished).toBe(true)
  })

  test('property: the set is exactly the tokens that can be taken one by one, and a clone goes its own way', () => {
    const grammars = ['root ::= [a-z ]* "." | "{" (["] [^"]* ["])? "}"', 'root ::= ("the " | "ing" | [a-h])+ "\\n"?', 'root ::= . root?']
    fc.assert(
      fc.property(fc.constantFrom(...grammars), fc.array(fc.nat(), { maxLength: 12 }), (source, picks) => {
        const state = gbnfConstraint(source, CODEC).start(STOP)
        for (const pick of picks) {
          const set = allowed(state)
          expect(set).toEqual([...Array(SIZE).keys()].filter((id) => state.allows(id)))
          const tokens = set.filter((id) => id !== END)
          if (tokens.length === 0) return
          const before = state.clone()
          state.advance(tokens[pick % tokens.length]!)
          expect(allowed(before)).toEqual(set)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a token that was not allowed can not be taken', () => {
    expect(() => choiceConstraint(['yes'], CODEC).start(STOP).advance(0)).toThrow(RangeError)
  })
})

describe('completions match, whatever the model would like', () => {
  const SCHEMA = {
    type: 'object',
    properties: {
      name: { type: 'string', maxLength: 12 },
      n: { type: 'integer', minimum: 1, maximum: 99 },
      tags: { type: 'array', items: { enum: ['a', 'b'] }, maxItems: 3 },
    },
    required: ['name', 'n', 'tags'],
  } as const

  test.each<DecodingConfig>([
    { strategy: 'greedy' },
    { strategy: 'sample', temperature: 1.5, seed: 1 },
    { strategy: 'top-p', topP: 0.8, topK: 40, seed: 2 },
  ])('$strategy: JSON of a schema', async (strategy) => {
    const constraint = jsonSchemaConstraint(SCHEMA, CODEC)
    for (let seed = 0; seed < 8; seed++) {
      const config = {
        ...strategy,
        ...(strategy.strategy === 'greedy' ? {} : { seed }),
        constraint,
        maxTokens: 400,
        stopTokens: [END],
      } as DecodingConfig
      const { text, finishReason } = await decodeText(model(), CODEC, `${seed}: `, config)
      expect(finishReason).toBe('constraint-complete')
      const value = JSON.parse(text)
      expect(Object.keys(value)).toEqual(['name', 'n', 'tags'])
      expect(value.name.length).toBeLessThanOrEqual(12)
      expect(value.n).toBeGreaterThan(0)
    }
  })

  test('choices and patterns', async () => {
    const choose = await decodeText(model(), CODEC, 'Is it so? ', {
      strategy: 'sample',
      seed: 4,
      constraint: choiceConstraint(['yes', 'no', 'nothing'], CODEC),
      stopTokens: [END],
    })
    expect(['yes', 'no', 'nothing']).toContain(choose.text)
    const digits = await decodeText(model(), CODEC, 'Call ', {
      strategy: 'sample',
      seed: 4,
      constraint: patternConstraint('\\d{3}-\\d{4}', CODEC),
    })
    expect(digits.text).toMatch(/^\d{3}-\d{4}$/)
  })

  test('a batch shares a constraint, and guesses respect it', async () => {
    const constraint = jsonSchemaConstraint(SCHEMA, CODEC)
    const requests = ['a', 'b', 'c'].map((prompt, seed) => ({
      prompt,
      config: { strategy: 'sample', seed, constraint, maxTokens: 400 } as DecodingConfig,
    }))
    const together = await decodeBatch(model(), CODEC, requests)
    for (const [index, { prompt, config }] of requests.entries()) {
      const { usage: _usage, ...alone } = await decodeText(model(), CODEC, prompt, { ...config, lookup: {} })
      expect(together[index]).toMatchObject(alone)
    }
  })

  test('where the vocabulary can not spell what is asked for, there is nothing to choose', async () => {
    const letters = tableCodec(['a', 'b', null])
    const constraint = choiceConstraint(['ac'], letters)
    const small = tableModel(3, 16, hashedRow(3, 1))
    await expect(decodeText(small, letters, 'a', { strategy: 'greedy', constraint })).rejects.toMatchObject({
      code: 'decode/nothing-allowed',
    })
  })

  test('a bias can not lift what the constraint forbids', async () => {
    const constraint = choiceConstraint(['b'], CODEC)
    const { text } = await decodeText(model(), CODEC, 'x', { strategy: 'greedy', constraint, logitBias: new Map([[65, 1000]]) })
    expect(text).toBe('b')
  })
})

test('nothing to choose from is refused', () => {
  expect(() => choiceConstraint([], CODEC)).toThrow(expect.objectContaining({ code: 'decode/bad-grammar' }))
})
