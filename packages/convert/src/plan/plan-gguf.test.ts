import type { Checkpoint } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { openModel } from '../open-model.ts'
import { executed, opened, storedBytes, storedFloats } from '../test-support/execute.test-support.ts'
import { type FileChanges, tinyCheckpoint, tinyValue } from '../test-support/tiny-checkpoint.test-support.ts'
import { type GgufRequest, planGguf } from './plan-gguf.ts'

const model = async (changes: FileChanges = {}) => openModel(await tinyCheckpoint(changes))

async function planned(quants: readonly string[], more: Partial<GgufRequest> = {}) {
  const source = await model()
  const made = await planGguf(source, { quants, pathFor: (type) => `tiny.${type}.gguf`, ...more })
  return { ...made, files: await executed(made.plan, source.checkpoint) }
}

const value = ({ metadata }: Checkpoint, key: string) => metadata?.get(key)?.value

describe('one output', () => {
  test('holds every number, with the rope rows where llama.cpp wants them', async () => {
    const { files, outputs } = await planned(['f32'])
    expect(outputs).toEqual([{ type: 'F32', paths: ['tiny.F32.gguf'], size: files.get('tiny.F32.gguf')!.length }])
    const made = await opened(files)
    const [row, ...rest] = [0, 8, 1, 9].map((from) => Array.from({ length: 32 }, (_, column) => tinyValue(from * 32 + column)))
    const query = await storedFloats(made, 'blk.1.attn_q.weight')
    expect(query.slice(0, 4 * 32)).toEqual([...row!, ...rest.flat()])
    expect(await storedFloats(made, 'blk.0.ffn_down.weight')).toEqual(Array.from({ length: 32 * 64 }, (_, index) => tinyValue(index)))
  })

  test('says what it is', async () => {
    const made = await opened((await planned(['q8_0'])).files)
    expect(value(made, 'general.architecture')).toBe('llama')
    expect([value(made, 'general.file_type'), value(made, 'general.quantization_version')]).toEqual([7, 2])
    expect([value(made, 'llama.block_count'), value(made, 'llama.attention.head_count_kv')]).toEqual([2, 1])
    expect(value(made, 'tokenizer.ggml.tokens')).toHaveLength(8)
  })

  test('may be a vocabulary alone', async () => {
    const made = await opened((await planned(['f16'], { content: 'vocabulary' })).files)
    expect(made.tensors.tensors.size).toBe(0)
    expect(value(made, 'tokenizer.ggml.tokens')).toHaveLength(8)
  })

  test('may be cut into parts that say how many there are', async () => {
    const { files, outputs } = await planned(['f32'], { splitMaxBytes: 32 * 1024 })
    expect(outputs[0]!.paths.length).toBeGreaterThan(2)
    expect(outputs[0]!.paths[0]).toBe(`tiny.F32-00001-of-0000${outputs[0]!.paths.length}.gguf`)
    const [whole, parts] = [await opened((await planned(['f32'])).files), await opened(files)]
    expect([...parts.tensors.tensors.keys()]).toEqual([...whole.tensors.tensors.keys()])
    for (const name of whole.tensors.tensors.keys()) expect(await storedBytes(parts, name)).toEqual(await storedBytes(whole, name))
  })
})

describe('several outputs', () => {
  test('come from one reading, each as if it were made alone', async () => {
    const quants = ['f16', 'q8_0', 'q4_0']
    const together = await planned(quants)
    expect(together.plan.jobs.every(({ targets }) => targets.length === quants.length)).toBe(true)
    for (const quant of quants) {
      const { files } = await planned([quant])
      for (const [path, bytes] of files) expect(together.files.get(path)).toEqual(bytes)
    }
  })
})

describe('types', () => {
  test('are the converter’s, which leaves vectors as they are', async () => {
    const { tensors } = (await opened((await planned(['f16'])).files)).tensors
    expect(tensors.get('blk.0.attn_q.weight')?.type).toBe('F16')
    expect(tensors.get('blk.0.attn_norm.weight')?.type).toBe('F32')
  })

  test('that do not fit the rows are replaced, and that is said', async () => {
    const { notices, files } = await planned(['q4_k_m'])
    expect(notices).toContainEqual(expect.objectContaining({ code: 'convert/type-substituted' }))
    const { tensors } = (await opened(files)).tensors
    expect(tensors.get('blk.0.ffn_down.weight')?.type).not.toBe('Q4_K')
  })

  test('asked for by names that no tensor has change nothing, and that is said', async () => {
    const codes = async (quant: string, ...patterns: RegExp[]) => {
      const { notices } = await planned([quant], { types: { tensorTypes: patterns.map((pattern) => ({ pattern, type: 'Q8_0' })) } })
      return notices.map(({ code }) => code).filter((code) => code.startsWith('convert/pattern'))
    }
    expect(await codes('q4_0', /attn_v/)).toEqual([])
    expect(await codes('q4_0', /attn_v/, /self_attn\.v_proj/)).toEqual(['convert/pattern-unmatched'])
    expect(await codes('f16', /attn_v/)).toEqual(['convert/patterns-ignored'])
  })

  test('nobody knows are refused', async () => {
    await expect(planned(['q4_2'])).rejects.toMatchObject({ code: 'recipe/file-type' })
  })
})

describe('the tokenizer', () => {
  test('that is absent stops the conversion', async () => {
    const source = await model({ 'tokenizer.json': undefined })
    await expect(planGguf(source, { quants: ['f16'], pathFor: (type) => type })).rejects.toMatchObject({
      code: 'convert/tokenizer-missing',
    })
  })

  test('may be made elsewhere, on a thread of its own', async () => {
    const metadata = new Map([['tokenizer.ggml.model', { type: 'STRING', value: 'elsewhere' } as const]])
    const made = await planned(['f16'], { buildVocabulary: async () => ({ metadata, report: { notes: ['all is well'] } }) as never })
    expect(value(await opened(made.files), 'tokenizer.ggml.model')).toBe('elsewhere')
    expect(made.notices).toContainEqual({ code: 'convert/vocabulary', message: 'all is well' })
  })
})
