// What the browser is compared with: Node, by the kernels and by the plain versions.
import { plainRowCodec } from '@fs/quant'
import { wasmRowCodec } from '@fs/quant/wasm'
import { expect, test } from 'vitest'
import { DIGESTS, modelFile, quantizedDigest, TYPES } from './quantized-file.test-support.ts'

test.each(TYPES)('%s in Node has the digest that browsers are held to', async (type) => {
  expect(await quantizedDigest(modelFile(), type, await wasmRowCodec())).toBe(DIGESTS[type])
  expect(await quantizedDigest(modelFile(), type, plainRowCodec())).toBe(DIGESTS[type])
})
