import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../../test-support/terminal.test-support.ts'

const folder = useFolder()
const convert = (...parameters: string[]) => tell(folder.path, ['convert', ...parameters])
const files = (path = '') => readdirSync(join(folder.path, path)).sort()
const json = (path: string) => JSON.parse(readFileSync(folder.file(path), 'utf8'))

describe('--to unified', () => {
  test('makes ./<model> with three files that say everything, and holds it against the original', async () => {
    const { code, out, err } = await convert(EXAMPLE, '--to', 'unified')
    expect(code).toBe(0)
    expect(files('shakespeare-llama')).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']))
    expect(json('shakespeare-llama/config.json')).toMatchObject({
      format: 'fartsovka',
      model_name: 'shakespeare-llama',
      architecture: 'llama',
    })
    expect(out).toMatch(/shakespeare-llama {2}Llama BF16, 2\.9 MB/)
    expect(err).toMatch(/checked.*to the last bit/)
    expect(readFileSync(folder.file('shakespeare-llama/tokenizer.json'))).toEqual(readFileSync(join(EXAMPLE, 'tokenizer.json')))
  })

  test('takes a precision, a name, a length and a folder, and becomes the GGUF the original becomes', async () => {
    const options = ['--precision', 'float32', '--name', 'Shakespeare', '--context-length', '96', '--output-dir', 'out', '--no-verify']
    expect(await convert(EXAMPLE, '--to', 'unified', ...options)).toMatchObject({ code: 0 })
    expect(json('out/config.json')).toMatchObject({ model_name: 'Shakespeare', context_length: 96, weights: { precision: 'float32' } })
    expect(await convert(EXAMPLE, '--to', 'unified', '-o', 'plain', '--no-verify', '--quiet')).toMatchObject({ code: 0, err: '' })
    await convert('plain', '--quant', 'q8_0', '-o', 'through.gguf', '--no-verify')
    await convert(EXAMPLE, '--quant', 'q8_0', '-o', 'direct.gguf', '--no-verify')
    expect((await tell(folder.path, ['inspect', 'direct.gguf', '--diff', 'through.gguf'])).out).toContain('The headers say the same')
  })
})

describe('--to huggingface', () => {
  test('makes of a GGUF the folder it came from, tensor by tensor; hf is short for it', async () => {
    await convert(EXAMPLE, '--quant', 'bf16', '-o', 'model.gguf', '--no-verify')
    expect(await convert('model.gguf', '--to', 'hf', '-o', 'again')).toMatchObject({ code: 0, err: expect.stringContaining('checked') })
    expect(json('again/config.json')).toMatchObject({ architectures: ['LlamaForCausalLM'], dtype: 'bfloat16' })
    await convert('again', '-o', 'second.gguf', '--quant', 'bf16', '--no-verify')
    expect((await tell(folder.path, ['inspect', 'model.gguf', '--diff', 'second.gguf'])).out).toContain('The headers say the same')
  })

  test('cuts the weights into parts with an index', async () => {
    await convert(EXAMPLE, '--to', 'hf', '-o', 'parts', '--split-max-size', '1M', '--no-verify')
    expect(files('parts').filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(2)
    expect(json('parts/model.safetensors.index.json').metadata.total_size).toBeGreaterThan(2_000_000)
  })
})

/** A GPT-2 of zeros with the example's tokenizer. */
function writeGpt2(path: string): void {
  const shapes: { readonly [name: string]: readonly number[] } = {
    'transformer.wte.weight': [1024, 64],
    'transformer.wpe.weight': [32, 64],
    'transformer.h.0.attn.c_attn.weight': [64, 192],
    'transformer.h.0.attn.c_attn.bias': [192],
    'transformer.h.0.attn.c_proj.weight': [64, 64],
    'transformer.h.0.attn.c_proj.bias': [64],
    'transformer.h.0.mlp.c_fc.weight': [64, 256],
    'transformer.h.0.mlp.c_fc.bias': [256],
    'transformer.h.0.mlp.c_proj.weight': [256, 64],
    'transformer.h.0.mlp.c_proj.bias': [64],
    ...Object.fromEntries(
      ['h.0.ln_1', 'h.0.ln_2', 'ln_f'].flatMap((norm) => ['weight', 'bias'].map((part) => [`transformer.${norm}.${part}`, [64]])),
    ),
  }
  const layout = layoutSafetensors({ tensors: Object.entries(shapes).map(([name, shape]) => ({ name, dtype: 'F32', shape })) })
  const bytes = new Uint8Array(layout.size)
  bytes.set(layout.header)
  mkdirSync(path)
  writeFileSync(join(path, 'model.safetensors'), bytes)
  writeFileSync(
    join(path, 'config.json'),
    JSON.stringify({ architectures: ['GPT2LMHeadModel'], n_embd: 64, n_head: 2, n_layer: 1, n_positions: 32 }),
  )
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) cpSync(join(EXAMPLE, name), join(path, name))
}

describe('--to ggml', () => {
  test('makes a ggml or ggjt with its side file, in llm-rs’s names', async () => {
    writeGpt2(folder.file('tiny'))
    const { code, out } = await convert('tiny', '--to', 'ggml', '--quant', 'f16,q4_0', '--json')
    expect(code).toBe(0)
    expect(files()).toEqual(['tiny', ...['f16', 'q4_0-ggjt'].flatMap((suffix) => [`tiny-${suffix}.bin`, `tiny-${suffix}.meta`])])
    expect(json('tiny-f16.meta')).toMatchObject({ model: 'Gpt2', quantization: 'F16', container: 'GGML', base_model: 'tiny' })
    expect(json('tiny-q4_0-ggjt.meta')).toMatchObject({ quantization: 'Q4_0', quantization_version: 'V2', container: 'GGJT' })
    const report = JSON.parse(out)
    expect(report.outputs[1].files.map(({ path }: { path: string }) => path)).toEqual([
      folder.file('tiny-q4_0-ggjt.bin'),
      folder.file('tiny-q4_0-ggjt.meta'),
    ])
  })

  test('takes a file’s name as it is, keeps what is there unless --force, and is read again', async () => {
    writeGpt2(folder.file('tiny'))
    await convert('tiny', '--to', 'ggml', '-o', 'old.bin')
    expect(files()).toEqual(['old.bin', 'old.meta', 'tiny'])
    expect(await convert('tiny', '--to', 'ggml', '-o', 'old.bin')).toMatchObject({
      code: 1,
      err: expect.stringContaining('exists already'),
    })
    expect(await convert('tiny', '--to', 'ggml', '-o', 'old.bin', '--force')).toMatchObject({ code: 0 })
    expect(await convert('old.bin', '--to', 'unified', '-o', 'again', '--no-verify')).toMatchObject({ code: 0 })
    expect(json('again/config.json').architecture).toBe('gpt2')
  })

  test('is refused for a Llama whose words no ggjt can say', async () => {
    expect(await convert(EXAMPLE, '--to', 'ggml')).toMatchObject({ code: 1, err: expect.stringContaining('write GGUF instead') })
    expect(files()).toEqual([])
  })
})

describe('what is refused before anything is read', () => {
  test.each([
    [['--to', 'parquet'], 'choose gguf, unified, huggingface or hf, onnx'],
    [['--to', 'unified', '--quant', 'q4_0'], '--precision f32, f16 or bf16'],
    [['--precision', 'f16'], 'it is for unified, huggingface'],
    [['--to', 'hf', '--context-length', '8'], 'it is for unified'],
    [['--to', 'unified', '--precision', 'q4_0'], 'choose f32, f16 or bf16'],
    [['--to', 'ggml', '--split-max-size', '1G'], 'it is for gguf, unified, huggingface'],
  ])('%j', async (parameters, words) => {
    expect(await convert('no-such-folder', ...parameters)).toMatchObject({ code: 2, err: expect.stringContaining(words) })
  })
})

describe('what is there stays', () => {
  test('the folder that is converted is not written into, by any of its names', async () => {
    cpSync(EXAMPLE, folder.file('model'), { recursive: true })
    for (const parameters of [['model'], ['model', '-o', './model/'], ['model', '-o', 'model', '--force']])
      expect(await convert(...parameters, '--to', 'unified')).toMatchObject({ code: 2, err: expect.stringContaining('is read from') })
  })

  test('a folder with something in it wants --force, and never ends with two models in it', async () => {
    mkdirSync(folder.file('out'))
    writeFileSync(folder.file('out/notes.txt'), '')
    const into = (...more: string[]) => convert(EXAMPLE, '--to', 'unified', '-o', 'out', '--no-verify', ...more)
    expect(await into()).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') })
    expect(await into('--force')).toMatchObject({ code: 0 })
    expect(await into('--force', '--split-max-size', '1M')).toMatchObject({ code: 1, err: expect.stringContaining('two models') })
    expect(existsSync(folder.file('out/model.safetensors.index.json'))).toBe(false)
  })

  test('a file is no folder', async () => {
    writeFileSync(folder.file('out'), '')
    expect(await convert(EXAMPLE, '--to', 'hf', '-o', 'out')).toMatchObject({ code: 2, err: expect.stringContaining('is a file') })
  })

  test('--dry-run writes nothing', async () => {
    const { code, out } = await convert(EXAMPLE, '--to', 'unified', '--dry-run', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out).tensors.map(({ name }: { name: string }) => name)).toContain('layers.0.attention.query.weight')
    expect(files()).toEqual([])
  })
})
