import { describe, expect, test } from 'vitest'
import type { HubFile } from './listing.ts'
import { type FileSelector, selectModel, selectNamed } from './select.ts'

/** Runs a selector over a repository of these names; files may be read where contents are given. */
function choose(
  selector: FileSelector,
  names: readonly string[],
  contents: { readonly [name: string]: string } = {},
): Promise<readonly string[]> {
  const files = new Map<string, HubFile>(names.map((path) => [path, { path, size: 1 }]))
  return selector({
    repository: 'org/model',
    commit: 'a'.repeat(40),
    files,
    readText: async (name) => contents[name] ?? Promise.reject(new Error(`${name} was read`)),
  })
}
const index = (...shards: string[]) =>
  JSON.stringify({ metadata: { total_size: 1 }, weight_map: Object.fromEntries(shards.map((shard, at) => [`t${at}`, shard])) })

describe('one set of weights', () => {
  test.each<[string, readonly string[], readonly string[], { readonly [name: string]: string }?]>([
    [
      'a single safetensors file before everything else',
      ['model.safetensors', 'pytorch_model.bin', 'model.gguf', 'consolidated.00.pth'],
      ['model.safetensors'],
    ],
    [
      'shards as the index names them, not the copies beside them',
      ['model.safetensors.index.json', 'a.safetensors', 'sub/b.safetensors', 'consolidated.safetensors', 'model-extra.safetensors'],
      ['model.safetensors.index.json', 'a.safetensors', 'sub/b.safetensors'],
      { 'model.safetensors.index.json': index('a.safetensors', 'sub/b.safetensors', 'a.safetensors') },
    ],
    ['a single file rather than a stale index', ['model.safetensors', 'model.safetensors.index.json'], ['model.safetensors']],
    [
      'the only safetensors file, whatever its name',
      ['consolidated.safetensors', 'adapter_model.safetensors'],
      ['consolidated.safetensors'],
    ],
    ['a PyTorch file', ['pytorch_model.bin', 'tf_model.h5', 'flax_model.msgpack'], ['pytorch_model.bin']],
    [
      'PyTorch shards',
      ['pytorch_model.bin.index.json', 'pytorch_model-00001-of-00001.bin'],
      ['pytorch_model.bin.index.json', 'pytorch_model-00001-of-00001.bin'],
      { 'pytorch_model.bin.index.json': index('pytorch_model-00001-of-00001.bin') },
    ],
    [
      'the original parts, which belong together',
      ['consolidated.00.pth', 'consolidated.01.pth'],
      ['consolidated.00.pth', 'consolidated.01.pth'],
    ],
    ['a lone checkpoint', ['stories.pt'], ['stories.pt']],
    ['an adapter', ['adapter_model.safetensors', 'adapter_config.json'], ['adapter_config.json', 'adapter_model.safetensors']],
    ['a legacy file', ['ggml-model-q4_0.bin'], ['ggml-model-q4_0.bin']],
    ['a lone GGUF file', ['model.Q8_0.gguf', 'mmproj-model.gguf', 'README.md'], ['model.Q8_0.gguf']],
  ])('%s', async (_case, names, wanted, contents) => {
    expect(await choose(selectModel(), names, contents)).toEqual(wanted)
  })

  test('comes with what lies beside it, and nothing more', async () => {
    const beside = [
      'README.md',
      'config.json',
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'tokenizer.model',
      'special_tokens_map.json',
      'added_tokens.json',
      'vocab.json',
      'merges.txt',
      'chat_template.jinja',
      'additional_chat_templates/rag.jinja',
      'modules.json',
      '1_Pooling/config.json',
      '2_Dense/config.json',
      '2_Dense/model.safetensors',
    ]
    const ignored = [
      '.gitattributes',
      'LICENSE',
      'onnx/model.onnx',
      'onnx/config.json',
      'original/params.json',
      'figures/a.png',
      'training_args.bin',
      'optimizer.pt.bak',
    ]
    const chosen = await choose(selectModel(), ['model.safetensors', ...beside, ...ignored])
    expect([...chosen].sort()).toEqual(['model.safetensors', ...beside].sort())
  })

  test.each<[string, readonly string[], { readonly [name: string]: string }, string]>([
    ['nothing known', ['README.md', 'config.json', 'tf_model.h5'], {}, 'hub/no-weights'],
    ['several and no index', ['a.safetensors', 'b.safetensors'], {}, 'hub/ambiguous-weights'],
    [
      'an index whose shard is absent',
      ['model.safetensors.index.json'],
      { 'model.safetensors.index.json': index('gone.safetensors') },
      'hub/missing-shard',
    ],
    [
      'an index that leads out of the folder',
      ['model.safetensors.index.json'],
      { 'model.safetensors.index.json': index('../../../etc/passwd') },
      'hub/unsafe-name',
    ],
    ['an index that is empty', ['model.safetensors.index.json'], { 'model.safetensors.index.json': '{"weight_map":{}}' }, 'hub/bad-answer'],
    [
      'an index of numbers',
      ['model.safetensors.index.json'],
      { 'model.safetensors.index.json': '{"weight_map":{"a":1}}' },
      'hub/bad-answer',
    ],
    ['an index that is not JSON', ['model.safetensors.index.json'], { 'model.safetensors.index.json': '<html>' }, 'hub/bad-answer'],
    ['several GGUF files', ['m-Q4_0.gguf', 'm-Q8_0.gguf'], {}, 'hub/quant-needed'],
  ])('is refused: %s', async (_case, names, contents, code) => {
    await expect(choose(selectModel(), names, contents)).rejects.toMatchObject({ code })
  })
})

describe('a GGUF file by quantization', () => {
  const names = [
    'config.json',
    'model.safetensors',
    'm-Q4_K_M.gguf',
    'm-Q4_K_S.gguf',
    'm-q5_0.gguf',
    'm.Q6_K.gguf',
    'UD/m-UD-Q4_K_XL.gguf',
    'big/m-Q8_0-00001-of-00003.gguf',
    'big/m-Q8_0-00002-of-00003.gguf',
    'big/m-Q8_0-00003-of-00003.gguf',
    'm-BF16-00002-of-00002.gguf',
    'mmproj-m-F16.gguf',
    'imatrix-F16.gguf',
    'v1-IQ4_XS.gguf',
    'v2-IQ4_XS.gguf',
  ]
  const split = names.filter((name) => name.includes('Q8_0'))

  test.each([
    ['Q4_K_M', ['m-Q4_K_M.gguf']],
    ['q4_k_s', ['m-Q4_K_S.gguf']],
    ['Q4_K', ['m-Q4_K_M.gguf']],
    ['Q5_0', ['m-q5_0.gguf']],
    ['Q6_K', ['m.Q6_K.gguf']],
    ['UD-Q4_K_XL', ['UD/m-UD-Q4_K_XL.gguf']],
    ['Q4_K_XL', ['UD/m-UD-Q4_K_XL.gguf']],
    ['Q8_0', split],
    ['v2-IQ4_XS.gguf', ['v2-IQ4_XS.gguf']],
    ['m-Q8_0-00001-of-00003.gguf', split],
  ])('%s', async (quant, wanted) => {
    expect(await choose(selectModel(quant), names)).toEqual(wanted)
  })

  test.each([
    ['Q2_K', 'hub/quant-not-found', /m-Q4_K_M\.gguf/],
    ['Q4', 'hub/quant-not-found', /has no GGUF file for Q4/],
    ['F16', 'hub/quant-not-found', /F16/],
    ['nothing.gguf', 'hub/quant-not-found', /nothing\.gguf/],
    ['IQ4_XS', 'hub/ambiguous-weights', /name the file, as in org\/model:v1-IQ4_XS\.gguf/],
    ['BF16', 'hub/missing-shard', /m-BF16-00001-of-00002\.gguf/],
  ])('%s is refused', async (quant, code, message) => {
    await expect(choose(selectModel(quant), names)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('in a repository without GGUF files', async () => {
    await expect(choose(selectModel('Q8_0'), ['model.safetensors'])).rejects.toMatchObject({
      code: 'hub/quant-not-found',
      message: expect.stringContaining('none at all'),
    })
  })
})

test('named files, all or none', async () => {
  expect(await choose(selectNamed(['config.json']), ['config.json', 'x'])).toEqual(['config.json'])
  await expect(choose(selectNamed(['config.json', 'y']), ['config.json', 'x'])).rejects.toMatchObject({
    code: 'hub/file-not-found',
    details: { file: 'y' },
  })
})
