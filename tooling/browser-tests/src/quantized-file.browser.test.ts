import { wasmRowCodec } from '@fs/quant/wasm'
import { expect, test } from 'vitest'
import { DIGESTS, modelFile, quantizedDigest, TYPES } from './quantized-file.test-support.ts'

test.each(TYPES)('a File quantized to %s in the browser has the bytes that Node gives', async (type) => {
  const file = new File([modelFile()], 'model.gguf')
  expect(await quantizedDigest(file, type, await wasmRowCodec())).toBe(DIGESTS[type])
})
