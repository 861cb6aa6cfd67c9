import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readHubEnvironment } from './environment.ts'

let home = ''
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'fartsovka-home-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const read = (environment: { readonly [name: string]: string }) => readHubEnvironment(environment, home)
const put = async (path: string, text: string) => {
  await mkdir(join(home, path, '..'), { recursive: true })
  await writeFile(join(home, path), text)
}

test('with nothing set, everything is where huggingface_hub has it', async () => {
  expect(await read({})).toEqual({
    access: { endpoint: 'https://huggingface.co', offline: false },
    cacheFolder: join(home, '.cache/huggingface/hub'),
    symlinks: true,
  })
})

describe('the cache', () => {
  test.each([
    [{ XDG_CACHE_HOME: '/x' }, '/x/huggingface/hub'],
    [{ XDG_CACHE_HOME: '/x', HF_HOME: '/h' }, '/h/hub'],
    [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old' }, '/old'],
    [{ HF_HOME: '/h', HUGGINGFACE_HUB_CACHE: '/old', HF_HUB_CACHE: '/c' }, '/c'],
    [{ HF_HUB_CACHE: '', HF_HOME: '/h' }, '/h/hub'],
    [{ HF_HUB_CACHE: '$DATA/models', DATA: '/d' }, '/d/models'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's spelling, filled in by the code under test.
    [{ HF_HUB_CACHE: '/a/${DATA}$UNKNOWN', DATA: 'd' }, '/a/d$UNKNOWN'],
  ])('%j', async (environment, folder) => {
    expect((await read(environment)).cacheFolder).toBe(folder)
  })

  test('may be under the home folder', async () => {
    expect((await read({ HF_HOME: '~/hf' })).cacheFolder).toBe(join(home, 'hf/hub'))
  })
})

describe('the token', () => {
  const token = async (environment: { readonly [name: string]: string }) => (await read(environment)).access.accessToken

  test('comes from HF_TOKEN, then from the file HF_TOKEN_PATH names, then from the one in HF_HOME', async () => {
    await put('elsewhere', 'hf_from_path\n')
    await put('.cache/huggingface/token', 'hf_from_home\n')
    const path = join(home, 'elsewhere')
    expect(await token({ HF_TOKEN: ' hf_from_variable ', HF_TOKEN_PATH: path })).toBe('hf_from_variable')
    expect(await token({ HF_TOKEN: ' ', HF_TOKEN_PATH: path })).toBe('hf_from_path')
    expect(await token({})).toBe('hf_from_home')
    expect(await token({ HF_HOME: join(home, 'empty') })).toBeUndefined()
  })

  test('may be absent from its file', async () => {
    await put('empty', '\n')
    expect(await token({ HF_TOKEN_PATH: join(home, 'empty') })).toBeUndefined()
  })

  test('that is malformed, or in a file that cannot be read, is reported without being shown', async () => {
    await put('broken', 'hf_one hf_two')
    await expect(read({ HF_TOKEN_PATH: join(home, 'broken') })).rejects.toMatchObject({
      code: 'hub/bad-token',
      message: expect.not.stringContaining('hf_'),
    })
    await expect(read({ HF_TOKEN_PATH: home })).rejects.toMatchObject({ code: 'hub/bad-token', message: expect.stringContaining('EISDIR') })
  })
})

test.each([
  ['1', true],
  ['true', true],
  ['YES', true],
  ['on', true],
  ['0', false],
  ['', false],
  ['no', false],
])('HF_HUB_OFFLINE=%s', async (value, offline) => {
  expect((await read({ HF_HUB_OFFLINE: value })).access.offline).toBe(offline)
  expect((await read({ TRANSFORMERS_OFFLINE: value })).access.offline).toBe(offline)
  expect((await read({ HF_HUB_DISABLE_SYMLINKS: value })).symlinks).toBe(!offline)
})

test('a mirror, with its slash removed', async () => {
  expect((await read({ HF_ENDPOINT: 'https://mirror.example/' })).access.endpoint).toBe('https://mirror.example')
  await expect(read({ HF_ENDPOINT: 'mirror.example' })).rejects.toMatchObject({ code: 'hub/bad-endpoint' })
})
