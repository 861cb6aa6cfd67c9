// The choosers against what llama.cpp's tools chose: 13 real layouts and 9 made-up ones, every file type, the options that change types.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { FsError, type GgmlType } from '@fs/core'
import { describe, expect, test } from 'vitest'
import {
  chooseConvertTypes,
  chooseTensorTypes,
  compareTensorNames,
  FILE_TYPES,
  type FileType,
  fileTypeById,
  parseFileType,
  type RecipeModel,
  type RecipeOptions,
  resolveAutoType,
} from './index.ts'

type Expected = {
  readonly types: readonly GgmlType[]
  readonly models: { readonly [name: string]: Omit<RecipeModel, 'tensors'> & { readonly tensors: readonly [string, number[], GgmlType][] } }
  readonly quantized: readonly {
    readonly model: string
    readonly options: keyof typeof OPTIONS
    readonly fileType: FileType
    readonly types: string | null
    readonly requiresImportance?: boolean
  }[]
  readonly converted: readonly { readonly model: string; readonly outType: 'F32' | 'F16' | 'BF16' | 'Q8_0'; readonly types: string }[]
}

const OPTIONS = {
  '': {},
  importance: { hasImportance: true },
  pure: { pure: true },
  'output Q5_0': { outputTensorType: 'Q5_0' },
  'embedding Q4_1': { tokenEmbeddingType: 'Q4_1' },
  'leave output': { leaveOutputTensor: true },
  'tensor types': {
    tensorTypes: [
      { pattern: /blk\.(1|4)\.ffn_down/, type: 'Q5_K' },
      { pattern: /attn_v/, type: 'Q8_0' },
    ],
  },
} as const satisfies { readonly [name: string]: RecipeOptions }

const fixture = new URL('../../fixtures/recipes/expected-types.json.gz', import.meta.url)
const expected: Expected = JSON.parse(gunzipSync(readFileSync(fixture)).toString())

function modelOf(name: string): RecipeModel {
  const { tensors, ...facts } = expected.models[name]!
  return { ...facts, tensors: tensors.map(([tensorName, shape, type]) => ({ name: tensorName, shape, type })) }
}

/** The types in letters back to names, beside the tensors' names, so that a difference says where it is. */
function named(model: RecipeModel, letters: string): string[] {
  return model.tensors.map(({ name }, index) => `${name} ${expected.types[letters.charCodeAt(index) - 65]}`)
}

function code(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (FsError.is(error)) return error.code
    throw error
  }
  return 'no error'
}

describe.each(Object.keys(expected.models))('%s', (name) => {
  const model = modelOf(name)

  test('its tensors stand in llama-quantize’s order', () => {
    const names = model.tensors.map((tensor) => tensor.name)
    expect(names.toReversed().sort(compareTensorNames)).toEqual(names)
  })

  test('every quantized file gets llama-quantize’s types', () => {
    const cases = expected.quantized.filter((item) => item.model === name)
    for (const { fileType, options, types, requiresImportance } of cases) {
      const what = `${fileType} ${options}`
      if (types === null) {
        expect([what, code(() => chooseTensorTypes(model, fileType, OPTIONS[options]))]).toEqual([what, 'recipe/shape'])
        continue
      }
      const choices = chooseTensorTypes(model, fileType, OPTIONS[options])
      expect([what, ...choices.map((choice) => `${choice.name} ${choice.type}`)]).toEqual([what, ...named(model, types)])
      if (requiresImportance !== undefined) {
        expect([what, choices.some((choice) => choice.requiresImportance)]).toEqual([what, requiresImportance])
      }
    }
  })

  test('every converted file gets convert_hf_to_gguf’s types', () => {
    for (const { outType, types } of expected.converted.filter((item) => item.model === name)) {
      const choices = chooseConvertTypes(model.tensors, outType)
      expect(choices.map((choice) => `${choice.name} ${choice.type}`)).toEqual(named(model, types))
    }
  })
})

test('nothing is missing from the fixture', () => {
  expect(expected.converted).toHaveLength(13 * 4)
  expect(expected.quantized).toHaveLength(12 * 18 + 35 * (9 * 2 + 4 * 5))
})

test('file types are found by name in any case, by short name and by number', () => {
  expect(parseFileType('q4_k_m')).toBe('Q4_K_M')
  expect(parseFileType('Q4_K')).toBe('Q4_K_M')
  expect(parseFileType('15')).toBe('Q4_K_M')
  expect(fileTypeById(4)).toBeUndefined()
  expect(new Set(Object.values(FILE_TYPES).map(({ id }) => id)).size).toBe(Object.keys(FILE_TYPES).length)
  for (const text of ['', 'Q9_Z', '4', '999999', '__proto__', 'constructor'])
    expect(code(() => parseFileType(text))).toBe('recipe/file-type')
})

const small: RecipeModel = {
  architecture: 'llama',
  layers: 1,
  headCount: 2,
  headCountKv: 2,
  expertCount: 0,
  tensors: [{ name: 'blk.0.ffn_up.weight', shape: [8, 256], type: 'Q8_0' }],
}

test('a quantized tensor is quantized again only when that is allowed', () => {
  expect(code(() => chooseTensorTypes(small, 'Q4_0'))).toBe('recipe/requantize')
  expect(chooseTensorTypes(small, 'Q4_0', { allowRequantize: true })[0]).toMatchObject({ type: 'Q4_0' })
  expect(chooseTensorTypes(small, 'Q8_0')[0]).toMatchObject({ type: 'Q8_0' })
})

test('a model of experts needs layers in its names', () => {
  const experts: RecipeModel = { ...small, expertCount: 8, tensors: [{ name: 'blk.7.ffn_down.weight', shape: [8, 256], type: 'F32' }] }
  expect(code(() => chooseTensorTypes(experts, 'Q4_K_M'))).toBe('recipe/layer')
})

test('a substitute for a type that does not fit is named', () => {
  const odd: RecipeModel = { ...small, tensors: [{ name: 'blk.0.ffn_up.weight', shape: [8, 96], type: 'F32' }] }
  expect(chooseTensorTypes(odd, 'Q4_K_S')[0]).toMatchObject({ type: 'Q5_0', insteadOf: 'Q4_K' })
  expect(chooseConvertTypes([{ name: 'blk.0.ffn_up.weight', shape: [8, 33] }], 'Q8_0')[0]).toMatchObject({ type: 'F16', insteadOf: 'Q8_0' })
})

test('ternary files keep embeddings and output in F16', () => {
  const tensors = ['token_embd.weight', 'output.weight', 'blk.0.ffn_up.weight', 'blk.0.ssm_conv1d.weight', 'output_norm.weight'].map(
    (name) => ({
      name,
      shape: [4, 256],
    }),
  )
  expect(chooseConvertTypes(tensors, 'TQ1_0').map(({ type }) => type)).toEqual(['F16', 'F16', 'TQ1_0', 'F32', 'F32'])
})

test('auto is the type of the first matrix in half precision', () => {
  expect(
    resolveAutoType([
      { type: 'F16', shape: [4] },
      { type: 'F32', shape: [4, 4] },
      { type: 'BF16', shape: [4, 4] },
    ]),
  ).toBe('BF16')
  expect(resolveAutoType([{ type: 'F32', shape: [4, 4] }])).toBe('F16')
})
