// The reference checkpoints and what llama.cpp's own tools make of them. They lie beside this repository and are not part of it;
// where they are absent, suites say so and skip.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../shared/fixtures/models/', import.meta.url))

/** Why suites that need the reference checkpoints skip, or undefined where they are there. */
export const absent: string | undefined = existsSync(folder) ? undefined : 'the folder ../shared with the reference checkpoints is not here'

export type ReferenceValue = {
  readonly types: readonly string[]
  readonly value?: unknown
  readonly length?: number
  readonly sha256?: string
}
export type ReferenceTensor = { readonly type: string; readonly shape: readonly number[]; readonly sha256: string }
export type ReferenceFile = {
  readonly metadata: { readonly [key: string]: ReferenceValue }
  readonly tensors: { readonly [name: string]: ReferenceTensor }
}

export type ReferenceModel = { readonly name: string; readonly path: string; readonly files: { readonly [type: string]: ReferenceFile } }

export function referenceModels(): readonly ReferenceModel[] {
  if (absent !== undefined) return []
  return readdirSync(folder).map((name) => {
    const { files } = JSON.parse(readFileSync(`${folder}${name}/gguf-reference.json`, 'utf8'))
    return { name, path: `${folder}${name}`, files }
  })
}
