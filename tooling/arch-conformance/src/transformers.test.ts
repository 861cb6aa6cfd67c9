// The real transformers loads the Hugging Face folders made here, from a checkpoint and from a GGUF, and computes what it computed from the original:
// the logits and the token ids of every reference prompt. Runs where a Python with transformers is: FARTSOVKA_PYTHON, or python3 on the PATH.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openPath } from '@fs/formats/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { absent, type ReferenceModel, referenceModels } from './reference-models.test-support.ts'
import { type Converted, convert } from './round-trip.test-support.ts'

const python = process.env.FARTSOVKA_PYTHON ?? 'python3'
const PROBE = 'from importlib.metadata import version; version("torch"); exit(int(version("transformers").split(".")[0]) < 5)'
const found = spawnSync(python, ['-c', PROBE])
const missing = absent ?? (found.status === 0 ? undefined : `${python} has no torch and transformers 5; FARTSOVKA_PYTHON names another`)

if (missing !== undefined) test.skip(`transformers on converted folders: ${missing}`, () => undefined)

type Prompt = { readonly text: string; readonly ids: readonly number[] }
type Loaded = {
  readonly ids: readonly (readonly number[])[]
  readonly logits: readonly (readonly number[])[]
  readonly unmatched: readonly string[]
}

const promptsOf = ({ path }: ReferenceModel): readonly Prompt[] => JSON.parse(readFileSync(join(path, 'reference.json'), 'utf8')).prompts

const cases =
  missing !== undefined ? [] : referenceModels().flatMap((model) => (['checkpoint', 'gguf'] as const).map((from) => ({ model, from })))
const root = mkdtempSync(join(tmpdir(), 'transformers-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe.skipIf(missing !== undefined)('transformers', () => {
  const loaded: Loaded[] = []

  // One process for all: importing transformers takes longer than all of these models.
  beforeAll(async () => {
    const requests = []
    for (const { model, from } of cases) {
      const folder = join(root, from, model.name)
      await writeFolder(folder, await huggingFaceFolder(model, from))
      requests.push({ folder, encoder: model.name === 'bert', prompts: promptsOf(model) })
    }
    const script = fileURLToPath(new URL('./load_folders.py', import.meta.url))
    const run = spawnSync(python, [script], { input: JSON.stringify(requests), encoding: 'utf8', maxBuffer: 2 ** 30 })
    if (run.status !== 0) throw new Error(`transformers: ${run.stderr}`)
    loaded.push(
      ...run.stdout
        .trim()
        .split('\n')
        .map((line): Loaded => JSON.parse(line)),
    )
  }, 600_000)

  test.each(cases.map(({ model, from }, index) => [model.name, from, index] as const))(
    'computes from a folder of %s, made of its %s, what it computed from the original',
    (_, __, index) => {
      const { model } = cases[index]!
      const { ids, logits, unmatched } = loaded[index]!
      const prompts = promptsOf(model)
      const reference = new Float32Array(Uint8Array.from(readFileSync(join(model.path, 'reference.logits.f32'))).buffer)
      // A BERT is written without its pooler, which the conversion says.
      expect(unmatched.filter((name) => !name.startsWith('pooler.'))).toEqual([])
      expect(ids).toEqual(prompts.map((prompt) => prompt.ids))
      const differences = Float32Array.from(logits.flat()).map((value, at) => Math.abs(value - reference[at]!))
      expect(differences).toHaveLength(reference.length)
      expect(Math.max(...differences)).toBeLessThan(2e-5)
    },
  )
})

async function huggingFaceFolder({ path }: ReferenceModel, from: 'checkpoint' | 'gguf'): Promise<Converted> {
  const checkpoint = () => openPath(path)
  return convert(from === 'gguf' ? (await convert(checkpoint, 'gguf')).open : checkpoint, 'huggingface', { precision: 'F32' })
}

async function writeFolder(folder: string, { files }: Converted): Promise<void> {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), bytes)
  }
}
