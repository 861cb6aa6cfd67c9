import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chunked } from './chunked.ts'
import { type MergeRules, mergeSymbols } from './merge.ts'
import { cached } from './model.ts'
import { createPairTable } from './pair-table.ts'
import { createScoreMergeModel } from './score-merge.ts'
import { createUnigramModel } from './unigram.ts'
import { createWordPieceModel } from './word-piece.ts'

const ids = (model: { encode(word: string, output: number[]): void }, word: string) => {
  const output: number[] = []
  model.encode(word, output)
  return output
}

describe('a pair table', () => {
  const key = fc.integer({ min: 0, max: 40 })
  test('is a map of pairs whose first value stays', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, key, fc.nat()), { maxLength: 300 }), (rows) => {
        const table = createPairTable(1)
        const map = new Map<string, number>()
        for (const [left, right, value] of rows) {
          expect(table.add(left, right, value)).toBe(!map.has(`${left} ${right}`))
          if (!map.has(`${left} ${right}`)) map.set(`${left} ${right}`, value)
        }
        expect(table.size).toBe(map.size)
        for (let left = 0; left <= 40; left++) {
          for (let right = 0; right <= 40; right++) expect(table.get(left, right)).toBe(map.get(`${left} ${right}`) ?? -1)
        }
      }),
      { numRuns: 30 },
    )
  })
})

/** Symbols 0-2; any two join when their sum is at most 40, best where it is least: enough for ties, chains and dead ends. */
const sums: MergeRules = {
  find: (left, right) => (left + right <= 40 ? left + right + 1 : -1),
  rank: (join) => join % 7,
  result: (join) => join,
}

test('a long word is merged as a short one is: best pair first, leftmost among equals', () => {
  const naive = (symbols: readonly number[]): number[] => {
    const word = [...symbols]
    for (;;) {
      let best = -1
      for (let index = 0; index + 1 < word.length; index++) {
        const join = sums.find(word[index]!, word[index + 1]!)
        if (join >= 0 && (best < 0 || sums.rank(join) < sums.rank(sums.find(word[best]!, word[best + 1]!)))) best = index
      }
      if (best < 0) return word
      word.splice(best, 2, sums.result(sums.find(word[best]!, word[best + 1]!)))
    }
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 120 }), (word) => {
      const symbols = [...word]
      const count = mergeSymbols(symbols, sums)
      expect(symbols.slice(0, count)).toEqual(naive(word))
    }),
  )
})

describe('merging by score', () => {
  const tokens = ['<unk>', 'a', 'b', '▁', 'ab', '▁a', 'aab', '▁ab', 'bb']
  const scores = [0, -9, -9, -9, -1, -2, -3, -1.5, -2]
  const tokenIds = new Map(tokens.slice(1).map((token, index) => [token, index + 1]))
  const options = { tokens, tokenIds, scores, byteIds: new Int32Array(256).fill(-1), unknownId: 0 }

  test('takes the best pair, then the leftmost', () => {
    // "ab" (-1) is made before "▁a" (-2) could be, and only then joins what is before it.
    expect(ids(createScoreMergeModel(options), '▁ab')).toEqual([7])
    expect(ids(createScoreMergeModel(options), 'bbb')).toEqual([8, 2])
  })

  test('makes one unknown token of a run of characters that have none', () => {
    expect(ids(createScoreMergeModel(options), 'aξξ😀b')).toEqual([1, 0, 2])
  })

  test('spells such characters in bytes where there are bytes', () => {
    const byteIds = new Int32Array(256).fill(-1)
    byteIds[0xce] = 100
    byteIds[0xbe] = 101
    expect(ids(createScoreMergeModel({ ...options, byteIds }), 'aξ')).toEqual([1, 100, 101])
  })

  test('cuts pieces that may not be produced back into halves', () => {
    expect(ids(createScoreMergeModel({ ...options, unused: new Set([4]) }), 'ab')).toEqual([1, 2])
  })

  test('gives the same in chunks as on the whole word', () => {
    const whole = createScoreMergeModel(options)
    const pieces = chunked(cached(createScoreMergeModel(options)), tokenIds.keys(), 0)
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '▁', 'ξ', '😀'), maxLength: 60 })
    fc.assert(
      fc.property(letters, (word) => {
        expect(ids(pieces, word)).toEqual(ids(whole, word))
      }),
    )
  })
})

describe('unigram segmentation', () => {
  const texts = ['a', 'b', 'ab', 'abb', 'bab', '▁', '▁a', '😀']
  const pieces = texts.map((text, id) => ({ text, id: id + 1, score: -1 - id * 0.75 }))
  const model = createUnigramModel({ pieces, unknownId: 0, unknownScore: -20, fuseUnknown: true })

  /** Best score over all ways to cut a word, one by one. */
  const best = (word: string): number =>
    word === ''
      ? 0
      : Math.max(...pieces.filter(({ text }) => word.startsWith(text)).map(({ text, score }) => score + best(word.slice(text.length))))

  test('has the highest score of all', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '▁', '😀'), maxLength: 10 })
    fc.assert(
      fc.property(letters, (word) => {
        const score = ids(model, word).reduce((sum, id) => sum + pieces[id - 1]!.score, 0)
        expect(score).toBeCloseTo(best(word), 10)
      }),
    )
  })

  test('calls a run of unknown characters unknown once', () => {
    expect(ids(model, 'axyzb')).toEqual([1, 0, 2])
  })
})

test('WordPiece takes the longest beginning, and a word that does not come out is unknown whole', () => {
  const tokenIds = new Map(['[UNK]', 'un', 'aff', '##aff', '##able', 'unaff'].map((token, id) => [token, id]))
  const model = createWordPieceModel({ tokenIds, continuingPrefix: '##', unknownId: 0, maxCharacters: 20 })
  expect(ids(model, 'unaffable')).toEqual([5, 4])
  expect(ids(model, 'unaffablex')).toEqual([0])
  expect(ids(model, 'x'.repeat(21))).toEqual([0])
})
