// A model of 100 GB on a server is opened by reading its header only.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { httpSource } from '../bytes/http.ts'
import { layoutGguf } from './layout.ts'
import { readGguf } from './read-gguf.ts'

test('a header of 3 MB before 100 GB of tensors takes 3 requests and 4 MB', async () => {
  const tokens = Array.from({ length: 128_256 }, (_, index) => `token number ${index}`)
  const { header, size, tensors } = layoutGguf({
    metadata: new Map([['tokenizer.ggml.tokens', { type: 'ARRAY', of: 'STRING', value: tokens }]]),
    tensors: Array.from({ length: 100 }, (_, index) => ({ name: `blk.${index}.ffn_up.weight`, type: 'F16', shape: [8192, 61_036] })),
  })
  expect(size).toBeGreaterThan(100e9)
  expect(header.length).toBeGreaterThan(3e6)

  let requests = 0
  let sent = 0
  // The file does not exist: zeros are made up for whatever lies behind the header.
  const server = createServer((request, response) => {
    const [first, last] = /(\d+)-(\d+)/
      .exec(request.headers.range ?? '')!
      .slice(1)
      .map(Number) as [number, number]
    const body = new Uint8Array(last - first + 1)
    body.set(header.subarray(first, last + 1))
    requests++
    sent += body.length
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${size}` }).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const source = await httpSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/huge.gguf`)
  const file = await readGguf(source)
  expect(file.tensors.tensors.get('blk.99.ffn_up.weight')).toMatchObject({ offset: tensors[99]!.offset })
  expect(file.metadata.get('tokenizer.ggml.tokens')?.value).toHaveLength(128_256)
  // One request for the size, then pieces of 0.5, 1 and 2 MB (and what was left over of each).
  expect(requests).toBeLessThanOrEqual(5)
  expect(sent).toBeLessThan(header.length + 4 * 1024 * 1024)
  await file.tensors.close()
  server.closeAllConnections()
  server.close()
})
