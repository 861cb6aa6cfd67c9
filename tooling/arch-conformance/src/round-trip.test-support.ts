// Conversions in memory for the tests of ways there and back: a checkpoint in, a folder or a GGUF out, opened again.
import { createHash } from 'node:crypto'
import { openModel } from '@fs/convert'
import { executeInline } from '@fs/convert/inline'
import { type ConversionPlan, type FolderPlaces, planGguf, planHuggingFace, planUnified } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { wasmRowCodec } from '@fs/quant/wasm'

export type Target = 'gguf' | 'huggingface' | 'unified'

type Open = () => Promise<Checkpoint>

export type Converted = {
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly notices: readonly string[]
  /** The result opened again; its folder is called as the checkpoint was. */
  readonly open: Open
}

type Options = Partial<FolderPlaces> & { readonly pre?: string }

/** @param options of a folder, and the pre-tokenizer of a GGUF where it is not to be found; a GGUF is float32 */
export async function convert(source: Open, target: Target, { pre, ...options }: Options = {}): Promise<Converted> {
  return using(source, async (checkpoint) => {
    const model = await openModel(checkpoint)
    const places: FolderPlaces = { precision: 'native', pathFor: (name) => name, ...options }
    const { plan, notices } = await planFor(model, target, places, pre)
    const files = await execute(plan, model.checkpoint)
    const folder = fileFolder(model.checkpoint.name, files)
    return {
      files,
      notices: notices.map(({ message }) => message),
      open: () => (target === 'gguf' ? openCheckpoint(folder, 'model.gguf') : openCheckpoint(folder)),
    }
  })
}

async function using<T>(open: Open, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const checkpoint = await open()
  try {
    return await use(checkpoint)
  } finally {
    await checkpoint.close()
  }
}

function planFor(model: Awaited<ReturnType<typeof openModel>>, target: Target, places: FolderPlaces, pre: string | undefined) {
  switch (target) {
    case 'gguf':
      return planGguf(model, { quants: ['f32'], pathFor: () => 'model.gguf', ...(pre === undefined ? {} : { pre }) })
    case 'huggingface':
      return planHuggingFace(model, places)
    case 'unified':
      return planUnified(model, places)
    default:
      return target satisfies never
  }
}

async function execute(plan: ConversionPlan, { tensors }: Checkpoint): Promise<ReadonlyMap<string, Uint8Array>> {
  const outputs = plan.outputs.map(({ size, literals }) => {
    const bytes = new Uint8Array(size)
    for (const literal of literals) bytes.set(literal.bytes, literal.offset)
    return bytes
  })
  const codec = await wasmRowCodec()
  await executeInline(plan, tensors.files, codec, async (output, offset, bytes) => outputs[output]!.set(bytes, offset))
  codec.dispose()
  return new Map(plan.outputs.map(({ path }, index) => [path, outputs[index]!]))
}

/** Type, shape and digest of every tensor. */
export function digests(open: Open): Promise<{ readonly [name: string]: string }> {
  return using(open, async ({ tensors }) => {
    const rows: [string, string][] = []
    for (const { name, type, shape, file, offset, byteLength } of tensors.tensors.values()) {
      const digest = createHash('sha256').update(await tensors.files[file]!.read(offset, byteLength))
      rows.push([name, `${type} ${shape.join('x')} ${digest.digest('hex')}`])
    }
    return Object.fromEntries(rows)
  })
}

/** Metadata in the file's order, typed arrays as plain ones. */
export function plainMetadata(open: Open): Promise<readonly (readonly [string, unknown])[]> {
  return using(open, async ({ metadata }) =>
    [...(metadata ?? [])].map(([key, entry]) => [
      key,
      entry.type === 'ARRAY' ? { ...entry, value: Array.from<unknown>(entry.value) } : entry,
    ]),
  )
}
