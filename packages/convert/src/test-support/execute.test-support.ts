// Carries a plan out in memory: what its outputs would hold as files.
import type { Checkpoint } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { plainRowCodec } from '@fs/quant'
import { executeInline } from '../execute/execute-inline.ts'
import type { ConversionPlan } from '../plan/conversion-plan.ts'

/** Bytes of each output, by path. */
export async function executed(plan: ConversionPlan, checkpoint: Checkpoint): Promise<Map<string, Uint8Array>> {
  const files = plan.outputs.map(({ size }) => new Uint8Array(size))
  const codec = plainRowCodec()
  await executeInline(plan, checkpoint.tensors.files, codec, async (output, offset, bytes) => files[output]!.set(bytes, offset))
  codec.dispose()
  return new Map(plan.outputs.map(({ path }, index) => [path, files[index]!]))
}

/** Opens what was written, as one who gets the files would. */
export function opened(files: ReadonlyMap<string, Uint8Array>): Promise<Checkpoint> {
  return openCheckpoint(fileFolder('written', files))
}

/** The bytes of one tensor as they are stored. */
export async function storedBytes({ tensors }: Checkpoint, name: string): Promise<Uint8Array> {
  const tensor = tensors.tensors.get(name)
  if (tensor === undefined) throw new Error(`there is no ${name}`)
  return (await tensors.files[tensor.file]!.read(tensor.offset, tensor.byteLength)).slice()
}

/** The numbers of a float32 tensor. */
export async function storedFloats(checkpoint: Checkpoint, name: string): Promise<number[]> {
  return [...new Float32Array((await storedBytes(checkpoint, name)).buffer)]
}

/** A source of bytes in memory and how a plan reads from it. */
export function readerOf(bytes: Uint8Array) {
  const source = memorySource(bytes, 'source')
  return async (_: number, offset: number, target: Uint8Array) => target.set(await source.read(offset, target.length))
}
