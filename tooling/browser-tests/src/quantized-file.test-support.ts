// One model that is quantized wherever these tests run, and the digests its files have everywhere. Integers make its weights, so no library of sines matters.
import { executeInline } from '@fs/convert/inline'
import { planRequantize } from '@fs/convert/plan'
import type { MetadataValue } from '@fs/core'
import { fileFolder, openCheckpoint } from '@fs/formats'
import { layoutGguf } from '@fs/formats/gguf'
import type { RowCodec } from '@fs/quant'

const MATRICES = ['token_embd', ...['attn_q', 'attn_k', 'attn_v', 'ffn_down'].map((part) => `blk.0.${part}`)] as const
const [ROWS, COLUMNS] = [32, 512]

/** SHA-256 of each file type's file. `quantized-file.test.ts` says that Node gives these, the browser test that a browser does. */
export const DIGESTS = {
  Q4_0: '9a5059a39df6fde0f55ac88d5e38f12c511f0497d5e7de39b79103d45f1599eb',
  Q8_0: 'a8f1aa2d9cfcaa5fcd74de2ac5e02cac455c7f234ba40b71edebd8cfa4ab7a94',
  Q2_K: '276e5b9aed32c402f9b5587484e9dbc340e54b992847f087bdf9404cc94f4de6',
  Q3_K_M: '2e68ed4b950b94fe9896d2e8b2b25e7553e6948d16e7aabe0bdefb79c90b1204',
  Q4_K_M: '1f5c0d14ffbe41a630828209f490b5cd1e6ea1e6a812bf422a361381114132a3',
  Q6_K: '7f6b36575cd1da5ba541a87a93ea63ff9d236fe3d8fcbab7e6f0bee49252de2a',
  IQ4_XS: '2c299c71e2702dbf46254f20f86e517105363540034425f5180d7e4756d1153b',
} as const

export type QuantizedType = keyof typeof DIGESTS
export const TYPES = Object.keys(DIGESTS) as QuantizedType[]

/** A GGUF of five matrices of bfloat16, as a person would hand it to a page. */
export function modelFile(): Blob {
  const count = (value: number): MetadataValue => ({ type: 'UINT32', value })
  const layout = layoutGguf({
    metadata: new Map<string, MetadataValue>([
      ['general.architecture', { type: 'STRING', value: 'llama' }],
      ['llama.block_count', count(1)],
      ['llama.attention.head_count', count(8)],
    ]),
    tensors: MATRICES.map((name) => ({ name: `${name}.weight`, type: 'BF16', shape: [ROWS, COLUMNS] })),
  })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  const view = new DataView(file.buffer)
  let state = 1
  for (const { offset } of layout.tensors) {
    for (let index = 0; index < ROWS * COLUMNS; index++) {
      // Numerical Recipes' generator. Seven bits of fraction, a sign, and exponents from 2^-15 to 2^0: as uneven as weights are.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      view.setUint16(offset + 2 * index, ((state >>> 16) & 0x807f) | ((112 + ((state >>> 8) & 15)) << 7), true)
    }
  }
  return new Blob([file])
}

/** Opens, plans and quantizes, all in memory. @returns SHA-256 of the new file */
export async function quantizedDigest(file: Blob, type: QuantizedType, codec: RowCodec): Promise<string> {
  const checkpoint = await openCheckpoint(fileFolder('dropped', new Map([['model.gguf', file]])), 'model.gguf')
  const { plan } = planRequantize(checkpoint, { quants: [type], pathFor: (name) => name })
  const made = new Uint8Array(plan.outputs[0]!.size)
  await executeInline(plan, checkpoint.tensors.files, codec, async (_, offset, bytes) => made.set(bytes, offset))
  return Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', made)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
