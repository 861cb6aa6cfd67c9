import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const convert = (...parameters: string[]) => tell(folder.path, ['convert', '--no-verify', ...parameters])
const files = (path = '') => readdirSync(join(folder.path, path)).sort()

/** Size of the example in each type, which says more than that a file is there. */
const SIZES = { Q4_0: 912_032, Q8_0: 1_565_344 } as const

describe('where the result goes', () => {
  test('{Model}-{TYPE}.gguf in the folder the command was typed in', async () => {
    const { code, out } = await convert(EXAMPLE, '--quant', 'q4_0')
    expect(code).toBe(0)
    expect(files()).toEqual(['shakespeare-llama-Q4_0.gguf'])
    expect(out).toBe(`${folder.file('shakespeare-llama-Q4_0.gguf')}  Llama Q4_0, 912 kB, ${/\S+s\n$/.exec(out)?.[0]}`)
  })

  test('without --quant the type is the checkpoint’s own', async () => {
    await convert(EXAMPLE)
    expect(files()).toEqual(['shakespeare-llama-BF16.gguf'])
  })

  test('several types come from one read, each into a file of its own', async () => {
    const { code, out } = await convert(EXAMPLE, '--quant', 'Q8_0,q4_0,q8_0', '-o', 'out/')
    expect(code).toBe(0)
    expect(files('out')).toEqual(['shakespeare-llama-Q4_0.gguf', 'shakespeare-llama-Q8_0.gguf'])
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })

  test('{FTYPE} in the name becomes the type', async () => {
    expect(await convert(EXAMPLE, '--quant', 'q4_0,q8_0', '-o', 'model-{FTYPE}.gguf')).toMatchObject({ code: 0 })
    expect(files()).toEqual(['model-Q4_0.gguf', 'model-Q8_0.gguf'])
  })

  test('an existing file stays as it is, unless --force', async () => {
    writeFileSync(folder.file('model.gguf'), 'precious')
    const refused = await convert(EXAMPLE, '--quant', 'q4_0', '-o', 'model.gguf')
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/^error: .*model\.gguf exists already.*--force\n$/) })
    expect(readFileSync(folder.file('model.gguf'), 'utf8')).toBe('precious')
    expect(await convert(EXAMPLE, '--quant', 'q4_0', '-o', 'model.gguf', '--force')).toMatchObject({ code: 0 })
    expect(statSync(folder.file('model.gguf')).size).toBe(SIZES.Q4_0)
  })

  test('a file cannot be a folder', async () => {
    writeFileSync(folder.file('note'), '')
    expect(await convert(EXAMPLE, '--quant', 'q4_0', '-o', 'note/')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: .*note.*cannot be written.*\n$/),
    })
  })
})

describe('what a plan says', () => {
  test('--dry-run writes nothing and tells tensors, types and sizes', async () => {
    const { code, out } = await convert(EXAMPLE, '--quant', 'q4_0', '--dry-run')
    expect(code).toBe(0)
    expect(files()).toEqual([])
    expect(out).toMatch(/^tensor +shape +from +to +size\n/)
    expect(out).toMatch(/^blk\.0\.attn_q\.weight +\[256, 256\] +BF16 +Q4_0 +36\.9 kB$/m)
    expect(out).toMatch(/^token_embd\.weight +\[1024, 256\] +BF16 +Q6_K +215 kB$/m)
    expect(out).toContain(`Q4_0: 912 kB in ${folder.file('shakespeare-llama-Q4_0.gguf')}\n`)
  })

  test('--dry-run --json is the plan: files with exact sizes, tensors with places', async () => {
    const { out } = await convert(EXAMPLE, '--quant', 'q4_0,q8_0', '--dry-run', '--json')
    const plan = JSON.parse(out)
    expect(plan.outputs.map(({ type, size }: { type: string; size: number }) => [type, size])).toEqual([
      ['Q4_0', SIZES.Q4_0],
      ['Q8_0', SIZES.Q8_0],
    ])
    expect(plan.tensors).toHaveLength(20)
    expect(plan.tensors.find(({ name }: { name: string }) => name === 'blk.1.attn_k.weight')).toMatchObject({
      shape: [128, 256],
      from: [{ tensor: 'model.layers.1.self_attn.k_proj.weight', type: 'BF16' }],
      to: [{ type: 'Q4_0' }, { type: 'Q8_0' }],
    })
    await convert(EXAMPLE, '--quant', 'q4_0,q8_0')
    for (const { type, size } of plan.outputs) expect(statSync(folder.file(`shakespeare-llama-${type}.gguf`)).size).toBe(size)
  })
})

test('names people bring from other tools', async () => {
  expect(await convert('--model', EXAMPLE, '--quantize', 'q8_0', '--output-dir', 'out')).toMatchObject({ code: 0 })
  expect(files('out')).toEqual(['shakespeare-llama-Q8_0.gguf'])
})

describe('what is wrong is said in one sentence', () => {
  test.each([
    ['an unknown type', [EXAMPLE, '--quant', 'q5_9'], /q5_9/],
    ['no type', [EXAMPLE, '--quant', ','], /--quant names no type/],
    ['an unknown architecture', [EXAMPLE, '--arch', 'lama'], /lama/],
    ['a file of overrides that is not there', [EXAMPLE, '--metadata', 'none.json'], /--metadata none\.json cannot be read/],
    ['a tensor type that is none', [EXAMPLE, '--tensor-type', 'attn_v=q9'], /q9/],
    ['a pre-tokenizer nobody knows', [EXAMPLE, '--quant', 'q8_0', '--pre', 'nosuch'], /"nosuch" is no pre-tokenizer .* llama-bpe/],
    ['another container', [EXAMPLE, '--to', 'zip'], /--to zip/],
    ['a Hub id that is none', ['a/b/c'], /org\/name/],
  ])('%s: exit code 2', async (_case, parameters, sentence) => {
    const { code, out, err } = await convert(...parameters)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^error: [^\n]+\n$/)
    expect(err).toMatch(sentence)
  })

  test.each([
    ['an option nobody knows', [EXAMPLE, '--qaunt', 'q4_0']],
    ['no model', ['--quant', 'q4_0']],
    ['a number that is none', [EXAMPLE, '--threads', 'many']],
    ['a size that is none', [EXAMPLE, '--split-max-size', 'large']],
  ])('%s: exit code 2 and where to find help', async (_case, parameters) => {
    const { code, out, err } = await convert(...parameters)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(/^error: .*\n(\(Did you mean .*\)\n)?\n?Run with --help to see what it takes\.\n$/)
  })

  test('with --json the error is the document, stderr the sentence', async () => {
    const failed = await convert(EXAMPLE, '--quant', 'q5_9', '--json')
    expect(JSON.parse(failed.out).error).toMatchObject({ code: 'recipe/file-type', message: expect.stringContaining('q5_9') })
    const misused = await convert(EXAMPLE, '--json', '--no-such-option')
    expect(JSON.parse(misused.out).error).toMatchObject({ code: 'cli/usage', message: expect.stringContaining('--no-such-option') })
  })

  test.each(['no-such-thing', './models/none', '/none/at/all', 'none.gguf'])('neither a path nor a model: %s', async (model) => {
    const { code, err } = await convert(model)
    expect([code, err]).toEqual([1, `error: ${model} is neither a file nor a folder here, nor a model id like org/name\n`])
    expect(JSON.parse((await convert(model, '--json')).out).error).toMatchObject({ code: 'cli/not-found', details: { model } })
  })

  test('an empty file, a cut file, a web page, a folder without a model', async () => {
    writeFileSync(folder.file('empty.gguf'), '')
    expect(await convert('empty.gguf')).toMatchObject({ code: 1, err: expect.stringMatching(/^error: empty\.gguf [^\n]+\n$/) })
    cpSync(EXAMPLE, folder.file('cut'), { recursive: true })
    truncateSync(folder.file('cut/model.safetensors'), 1_000_000)
    expect(await convert('cut', '--quant', 'q4_0')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: model\.safetensors: tensor "[^"]+" ends \d+ bytes beyond the file[^\n]+\n$/),
    })
    writeFileSync(folder.file('page.gguf'), '<!doctype html><title>Sign in</title>')
    expect(await convert('page.gguf')).toMatchObject({ code: 1, err: expect.stringContaining('web page') })
    mkdirSync(folder.file('nothing'))
    expect(await convert('nothing')).toMatchObject({ code: 1, err: expect.stringContaining('it is empty') })
    expect(files()).toEqual(['cut', 'empty.gguf', 'nothing', 'page.gguf'])
  })

  test('a folder where --metadata means a file', async () => {
    mkdirSync(folder.file('overrides'))
    expect(await convert(EXAMPLE, '--metadata', 'overrides')).toMatchObject({ code: 2, err: expect.stringContaining('overrides') })
  })
})

describe('options reach the file', () => {
  const metadata = async (file: string) => JSON.parse((await tell(folder.path, ['inspect', file, '--metadata', '--json'])).out)

  test('--name, --metadata', async () => {
    writeFileSync(folder.file('more.json'), JSON.stringify({ 'general.author': 'W. S.' }))
    await convert(EXAMPLE, '--vocab-only', '-o', 'm.gguf', '--name', 'Bard', '--metadata', 'more.json')
    expect(await metadata('m.gguf')).toMatchObject({ 'general.name': 'Bard', 'general.author': 'W. S.' })
  })

  test('--vocab-only', async () => {
    await convert(EXAMPLE, '--vocab-only')
    expect(files()).toEqual(['shakespeare-llama-vocab.gguf'])
    const { out } = await tell(folder.path, ['inspect', 'shakespeare-llama-vocab.gguf', '--tensors', '--json'])
    expect(JSON.parse(out)).toEqual([])
  })

  test('--tensor-type, --pure, --output-tensor-type, --token-embedding-type', async () => {
    await convert(EXAMPLE, '--quant', 'q4_0', '-o', 'm.gguf', '--tensor-type', 'attn_v=q8_0', '--token-embedding-type', 'f16')
    const { out } = await tell(folder.path, ['inspect', 'm.gguf', '--tensors', '--json'])
    const types = new Map(JSON.parse(out).map(({ name, type }: { name: string; type: string }) => [name, type]))
    expect([types.get('blk.0.attn_v.weight'), types.get('blk.0.attn_k.weight'), types.get('token_embd.weight')]).toEqual([
      'Q8_0',
      'Q4_0',
      'F16',
    ])
  })

  test('--split-max-size cuts the result into parts that open as one', async () => {
    await convert(EXAMPLE, '--quant', 'q8_0', '--split-max-size', '600k')
    const parts = files()
    expect(parts.length).toBeGreaterThan(1)
    expect(parts[0]).toMatch(/^shakespeare-llama-Q8_0-00001-of-0000\d\.gguf$/)
    const { out } = await tell(folder.path, ['inspect', parts[0]!, '--tensors', '--json'])
    expect(JSON.parse(out)).toHaveLength(20)
  })
})

const tensors = async (file: string) => {
  const list: readonly { name: string; type: string; shape: readonly number[] }[] = JSON.parse(
    (await tell(folder.path, ['inspect', file, '--tensors', '--json'])).out,
  )
  return list.map(({ name, type, shape }) => `${name} ${type} ${shape}`).sort()
}

describe('from a file instead of a folder', () => {
  test('a GGUF stays what it is and changes its types; its old type leaves the name', async () => {
    await convert(EXAMPLE, '--quant', 'f32,q4_0', '-o', 'direct-{FTYPE}.gguf')
    const direct = await tensors('direct-Q4_0.gguf')
    expect(await convert('direct-F32.gguf', '--quant', 'q4_0', '--force')).toMatchObject({ code: 0 })
    expect(files()).toEqual(['direct-F32.gguf', 'direct-Q4_0.gguf'])
    expect(await tensors('direct-Q4_0.gguf')).toEqual(direct)
  })
})
