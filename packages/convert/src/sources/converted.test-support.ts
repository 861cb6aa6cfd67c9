// Converts a checkpoint in memory, as the tool does to files, and reads the result back.
import { fileURLToPath } from 'node:url'
import type { Checkpoint, MetadataValue } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { readGguf } from '@fs/formats/gguf'
import { plainRowCodec } from '@fs/quant'
import { executeInline } from '../execute/execute-inline.ts'
import { type OpenedModel, type OpenOptions, openModel } from '../open-model.ts'
import { type GgufRequest, planGguf } from '../plan/plan-gguf.ts'

export type ConvertedTensor = { readonly type: string; readonly shape: readonly number[]; readonly bytes: Uint8Array }

export type Converted = {
  readonly model: OpenedModel
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: { readonly [name: string]: ConvertedTensor }
  readonly notices: readonly string[]
  /** The GGUF file itself. */
  readonly file: Uint8Array
}

/** @param quant one type; the file lies in memory and nothing is written */
export async function converted(checkpoint: Checkpoint, quant = 'f32', options: Options = {}): Promise<Converted> {
  try {
    return await conversionOf(checkpoint, quant, options)
  } finally {
    await checkpoint.close()
  }
}

/** A model as it was understood; its files are closed again. */
export async function opened(checkpoint: Checkpoint, options: OpenOptions = {}): Promise<OpenedModel> {
  try {
    return await openModel(checkpoint, options)
  } finally {
    await checkpoint.close()
  }
}

type Options = OpenOptions & { readonly request?: Partial<GgufRequest> }

async function conversionOf(checkpoint: Checkpoint, quant: string, { request, ...open }: Options): Promise<Converted> {
  const model = await openModel(checkpoint, open)
  const { plan, notices } = await planGguf(model, { quants: [quant], pathFor: (type) => type, ...request })
  const file = new Uint8Array(plan.outputs[0]!.size)
  await executeInline(plan, model.checkpoint.tensors.files, plainRowCodec(), async (_, offset, bytes) => file.set(bytes, offset))
  const { metadata, tensors } = await readGguf(memorySource(file, 'made.gguf'))
  const read = [...tensors.tensors.values()].map(({ name, type, shape, offset, byteLength }) => {
    return [name, { type, shape, bytes: file.subarray(offset, offset + byteLength) }] as const
  })
  return { model, metadata, tensors: Object.fromEntries(read), notices: notices.map(({ code }) => code), file }
}

/** The numbers of a float32 tensor. */
export function numbersOf({ tensors }: Converted, name: string): readonly number[] {
  return [...new Float32Array(tensors[name]!.bytes.slice().buffer)]
}

/** A folder of this package's fixtures. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))
