// Checkpoints of this repository and beside it, written as ONNX folders the way `convert --to onnx` writes them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { openModel } from '@fs/convert'
import { executePlan } from '@fs/convert/node'
import { type OnnxRequest, planOnnx } from '@fs/convert/onnx'
import { openPath } from '@fs/formats/node'

const repository = resolve(import.meta.dirname, '../../..')

/** The example model of this repository: a Llama of 1.4 million parameters in bfloat16. */
export const EXAMPLE = join(repository, 'examples/shakespeare-llama')

const fixtures = resolve(repository, '../shared/fixtures/models')

/** Why tests that need ../shared/fixtures beside the repository are skipped; undefined where it is. */
export const noFixtures = existsSync(fixtures) ? undefined : 'there is no ../shared/fixtures beside the repository'

export const fixture = (name: string) => join(fixtures, name)

export type Reference = {
  readonly prompts: readonly { readonly ids: readonly number[]; readonly text: string; readonly greedy: readonly number[] }[]
}

/** What transformers (Python) made of a fixture. */
export function reference(name: string): Reference {
  return JSON.parse(readFileSync(join(fixture(name), 'reference.json'), 'utf8'))
}

/** Rows of float32 beside it: logits of each prompt's last position, of an encoder the mean of its last hidden state. */
export function referenceRows(name: string, rows: number): readonly Float32Array[] {
  const bytes = readFileSync(join(fixture(name), 'reference.logits.f32'))
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const width = values.length / rows
  return Array.from({ length: rows }, (_, row) => values.subarray(row * width, (row + 1) * width))
}

/** A folder for exported models, by the names of what they were made from. */
export function exportFolder(): {
  readonly root: string
  readonly write: (path: string, request: Omit<OnnxRequest, 'pathFor'>) => Promise<string>
  readonly remove: () => void
} {
  const root = mkdtempSync(join(tmpdir(), 'fartsovka-exported-'))
  return {
    root,
    write: async (path, request) => {
      const name = `${basename(path)}-${request.quants.join('-')}`
      const checkpoint = await openPath(path)
      const { plan } = await planOnnx(await openModel(checkpoint), { ...request, pathFor: (file) => join(root, name, file) })
      await executePlan(plan, { threads: 1 })
      await checkpoint.close()
      return name
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}
