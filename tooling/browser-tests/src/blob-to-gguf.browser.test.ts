import { fileFolder, openCheckpoint } from '@fs/formats'
import { layoutGguf } from '@fs/formats/gguf'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { plainRowCodec } from '@fs/quant'
import { wasmRowCodec } from '@fs/quant/wasm'
import { expect, test } from 'vitest'

const [rows, rowLength] = [6, 256]
const values = Float32Array.from({ length: rows * rowLength }, (_, index) => Math.sin(index * index) / (1 + (index % 7)))

/** A checkpoint as a page gets it from a person: a Blob with one float32 matrix. */
function droppedFile(): Blob {
  const layout = layoutSafetensors({ tensors: [{ name: 'weight', dtype: 'F32', shape: [rows, rowLength] }] })
  return new Blob([layout.header as BufferSource, values])
}

test('a dropped safetensors file becomes a GGUF that reads back, with the bytes the plain codec gives', async () => {
  const checkpoint = await openCheckpoint(fileFolder('dropped', new Map([['model.safetensors', droppedFile()]])))
  const info = checkpoint.tensors.tensors.get('weight')!
  const bytes = await checkpoint.tensors.files[info.file]!.read(info.offset, info.byteLength)

  const encode = (codec: ReturnType<typeof plainRowCodec>): Uint8Array<ArrayBuffer> => {
    codec.input(bytes.length).set(bytes)
    return codec.encode({ from: 'F32', to: 'Q4_0', rows, rowLength }).slice()
  }
  const blocks = encode(await wasmRowCodec())
  expect(blocks).toEqual(encode(plainRowCodec()))

  const layout = layoutGguf({
    metadata: new Map([['general.architecture', { type: 'STRING', value: 'llama' }]]),
    tensors: [{ name: 'weight', type: 'Q4_0', shape: [rows, rowLength] }],
  })
  const file = new Blob([layout.header as BufferSource, blocks, new Uint8Array(layout.size - layout.header.length - blocks.length)])
  const reopened = await openCheckpoint(fileFolder('made', new Map([['model.gguf', file]])), 'model.gguf')
  expect(reopened.tensors.tensors.get('weight')).toMatchObject({ type: 'Q4_0', shape: [rows, rowLength], byteLength: blocks.length })
})
