// A small Llama as a GGUF in memory, with weights that are made to order: for planning and quantizing without any file.
import type { Checkpoint, GgmlType, MetadataValue, TensorInfo } from '@fs/core'
import { fileFolder, openCheckpoint } from '@fs/formats'
import { memorySource } from '@fs/formats/bytes'
import { layoutGguf, readGguf } from '@fs/formats/gguf'
import { plainRowCodec, type RowCodec } from '@fs/quant'
import { wasmRowCodec } from '@fs/quant/wasm'
import { executeInline } from '../execute/execute-inline.ts'
import type { ConversionPlan } from '../plan/conversion-plan.ts'

export type MadeTensor = {
  readonly name: string
  readonly shape: readonly number[]
  readonly values: Float32Array
  readonly type?: GgmlType
}

/** Two layers of 256 channels with matrices of differing spread, an embedding, and norms. */
export function llamaTensors(layers = 2): readonly MadeTensor[] {
  const matrix = (name: string, rows: number, columns: number, spread: number): MadeTensor => ({
    name,
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, (_, index) => Math.sin(index * 7.3 + (index % spread) ** 2) / spread),
  })
  const norm = (name: string): MadeTensor => ({ name, shape: [256], values: new Float32Array(256).fill(1) })
  const layer = (number: number) => [
    norm(`blk.${number}.attn_norm.weight`),
    matrix(`blk.${number}.attn_q.weight`, 256, 256, 3),
    matrix(`blk.${number}.attn_k.weight`, 64, 256, 11),
    matrix(`blk.${number}.attn_v.weight`, 64, 256, 29),
    matrix(`blk.${number}.ffn_down.weight`, 256, 512, 97),
  ]
  return [
    matrix('token_embd.weight', 300, 256, 5),
    norm('output_norm.weight'),
    ...Array.from({ length: layers }, (_, number) => layer(number)).flat(),
  ]
}

export async function ggufModel(tensors: readonly MadeTensor[] = llamaTensors(), layers = 2): Promise<Checkpoint> {
  const count = (value: number): MetadataValue => ({ type: 'UINT32', value })
  const metadata = new Map<string, MetadataValue>([
    ['general.architecture', { type: 'STRING', value: 'llama' }],
    ['llama.block_count', count(layers)],
    ['llama.attention.head_count', count(4)],
    ['llama.attention.head_count_kv', count(1)],
  ])
  const layout = layoutGguf({ metadata, tensors: tensors.map(({ name, shape, type }) => ({ name, shape, type: type ?? 'F32' })) })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const [index, { values, type }] of tensors.entries()) file.set(encoded(values, type ?? 'F32'), layout.tensors[index]!.offset)
  return openCheckpoint(fileFolder('made', new Map([['model.gguf', file]])), 'model.gguf')
}

function encoded(values: Float32Array, to: GgmlType): Uint8Array {
  const codec = plainRowCodec()
  codec.input(values.byteLength).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return codec.encode({ from: 'F32', to, rows: 1, rowLength: values.length })
}

/** Carries a plan out in memory. @returns the bytes of each output */
export async function executed(plan: ConversionPlan, checkpoint: Checkpoint, codec?: RowCodec): Promise<readonly Uint8Array[]> {
  const files = plan.outputs.map(({ size }) => new Uint8Array(size))
  await executeInline(plan, checkpoint.tensors.files, codec ?? (await wasmRowCodec()), async (output, offset, bytes) =>
    files[output]!.set(bytes, offset),
  )
  return files
}

/** Tensors of a GGUF in memory, with their bytes. */
export async function tensorsOf(file: Uint8Array): Promise<ReadonlyMap<string, { readonly info: TensorInfo; readonly bytes: Uint8Array }>> {
  const { tensors } = await readGguf(memorySource(file, 'made.gguf'))
  return new Map(
    Array.from(tensors.tensors, ([name, info]) => [name, { info, bytes: file.subarray(info.offset, info.offset + info.byteLength) }]),
  )
}
