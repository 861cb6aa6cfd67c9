import { layoutGguf } from '@fs/formats/gguf'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { afterEach, expect, test } from 'vitest'
import { tell, useFolder } from '../test-support/terminal.test-support.ts'
import { type SparseServer, startSparseServer } from './sparse-file-server.test-support.ts'

const folder = useFolder()
let server: SparseServer | undefined
afterEach(() => server?.close())

/** 80 layers of one 1.3 GB tensor: 107 GB. */
const TENSORS = Array.from({ length: 80 }, (_, layer) => ({ layer, shape: [81_920, 8192] }))

test('of a safetensors file of 107 GB only the header is read', async () => {
  const layout = layoutSafetensors({
    tensors: TENSORS.map(({ layer, shape }) => ({ name: `model.layers.${layer}.mlp.up_proj.weight`, dtype: 'BF16', shape })),
  })
  server = await startSparseServer(layout.header, layout.size)
  expect(layout.size).toBeGreaterThan(100e9)
  const { code, out } = await tell(folder.path, ['inspect', `${server.address}/model.safetensors`, '--tensors', '--json'])
  expect([code, JSON.parse(out).length]).toEqual([0, 80])
  expect(server.sent()).toBeLessThan(layout.header.length + 2_000_000)
})

test('of a GGUF file of 107 GB only the header is read, and --values reads one tensor’s first block', async () => {
  const layout = layoutGguf({
    metadata: new Map([
      ['general.architecture', { type: 'STRING', value: 'llama' }],
      ['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: Array.from({ length: 100_000 }, (_, id) => `token ${id}`) }],
    ]),
    tensors: TENSORS.map(({ layer, shape }) => ({ name: `blk.${layer}.ffn_up.weight`, type: 'F16', shape })),
  })
  server = await startSparseServer(layout.header, layout.size)
  const address = `${server.address}/model-F16.gguf`
  const { code, out } = await tell(folder.path, ['inspect', address, '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ container: 'gguf', parameters: 80 * 81_920 * 8192, files: [{ size: layout.size }] })
  expect(server.sent()).toBeLessThan(2 * layout.header.length + 2_000_000)
  const before = server.sent()
  const values = await tell(folder.path, ['inspect', address, '--values', 'blk.79.ffn_up.weight', '-n', '4'])
  expect(values.out).toBe('blk.79.ffn_up.weight  F16  [81920, 8192]\n0  0  0  0\n')
  expect(server.sent() - before).toBeLessThan(2 * layout.header.length + 2_000_000)
})
