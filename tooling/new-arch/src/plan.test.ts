import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { archNames } from './names.ts'
import { planArchitecture } from './plan.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const copies: string[] = []
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true })
})

/** The packages a new architecture touches, copied elsewhere, with what it writes written. */
function repositoryWith(request: { readonly id: string; readonly from: string; readonly family?: string }): string {
  const copy = mkdtempSync(join(tmpdir(), 'fartsovka-new-arch-'))
  copies.push(copy)
  const folders = readdirSync(join(root, 'packages')).filter((folder) => /^(core|arch|arch-.*|registry)$/.test(folder))
  for (const folder of folders) {
    for (const part of ['package.json', 'src'])
      cpSync(join(root, 'packages', folder, part), join(copy, 'packages', folder, part), { recursive: true })
  }
  if (request.family !== undefined) {
    // A family that has nothing yet.
    const folder = join(copy, 'packages', request.family)
    mkdirSync(join(folder, 'src'), { recursive: true })
    const manifest = { name: `@fs/${request.family}`, type: 'module', exports: { '.': { source: './src/index.ts' } } }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    writeFileSync(join(folder, 'src/index.ts'), '// The architectures of this package.\n')
  }
  const scope = join(copy, 'node_modules/@fs')
  mkdirSync(scope, { recursive: true })
  for (const folder of [...folders, ...(request.family ? [request.family] : [])]) {
    symlinkSync(join(copy, 'packages', folder), join(scope, folder))
  }
  for (const [path, text] of planArchitecture({ root: copy, ...request })) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  return copy
}

/** What the compiler says of the copy, and the ids its registry lists. */
function tryOut(copy: string): { readonly compiler: string; readonly ids: readonly string[] } {
  const config = { extends: join(root, 'tooling/tsconfig/base.json'), compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] } }
  writeFileSync(
    join(copy, 'tsconfig.json'),
    JSON.stringify({ ...config, include: ['packages/registry/src/index.ts', 'packages/arch-*/src'], exclude: ['**/*.test.ts'] }),
  )
  let compiler = ''
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', copy], { encoding: 'utf8' })
  } catch (error) {
    compiler = (error as { stdout: string }).stdout
  }
  const script = "import('@fs/registry').then(({ ARCHITECTURES }) => console.log(ARCHITECTURES.map(({ id }) => id).join()))"
  const ids = execFileSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], { cwd: copy, encoding: 'utf8' })
  return { compiler, ids: ids.trim().split(',') }
}

test('a cousin compiles, shares the helpers of its family and is in the registry', () => {
  const request = { id: 'new-model', from: 'llama' }
  const { compiler, ids } = tryOut(repositoryWith(request))
  expect(compiler).toBe('')
  expect(ids).toContain('new-model')
  expect(ids).toContain('llama')
  const plan = planArchitecture({ root, ...request })
  expect([...plan.keys()]).toEqual([
    'packages/arch-llama/src/new-model/new-model.ts',
    'packages/arch-llama/src/index.ts',
    'packages/registry/src/architectures.ts',
    '.changeset/new-model.md',
  ])
  expect(plan.get('packages/arch-llama/src/new-model/new-model.ts')).toContain("from '../llama/decoder.ts'")
})

test('in another family the helpers come along under the new name', () => {
  const { compiler, ids } = tryOut(repositoryWith({ id: 'other', from: 'mistral', family: 'arch-other' }))
  expect(compiler).toBe('')
  expect(ids).toContain('other')
})

test('names that cannot be, and families that are not there, are refused with a sentence', () => {
  expect(() => planArchitecture({ root, id: 'Llama 4', from: 'llama' })).toThrow('cannot be the id of an architecture')
  expect(() => planArchitecture({ root, id: 'mistral', from: 'llama' })).toThrow('there is an architecture "mistral" already')
  expect(() => planArchitecture({ root, id: 'new', from: 'lama' })).toThrow(
    /no architecture "lama" to start from; there are (?!.*dialects).*llama/,
  )
  expect(() => planArchitecture({ root, id: 'new', from: 'llama', family: 'arch-none' })).toThrow('no family package packages/arch-none')
})

test('a name has the spelling each place wants', () => {
  expect(archNames('qwen3-moe')).toEqual({ id: 'qwen3-moe', camel: 'qwen3Moe', pascal: 'Qwen3Moe', title: 'Qwen3 Moe', snake: 'qwen3_moe' })
})
