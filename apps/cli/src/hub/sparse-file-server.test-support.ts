// A server of one file far larger than any disk here: a header that is there, then zeros made when asked for. Counts the bytes it sends.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export type SparseServer = {
  readonly address: string
  /** Bytes of bodies sent so far. */
  readonly sent: () => number
  close(): Promise<void>
}

/** More than this in one answer is never needed to read a header, and would take the test's memory. */
const MOST = 256 * 2 ** 20

export async function startSparseServer(header: Uint8Array, size: number): Promise<SparseServer> {
  let sent = 0
  const server = createServer((request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    const start = Number(from ?? 0)
    const end = Math.min(size, to === undefined || to === '' ? size : Number(to) + 1)
    if (from === undefined || end - start > MOST) {
      response.writeHead(200, { 'content-length': String(size) })
      sent += size
      response.destroy()
      return
    }
    const body = Buffer.alloc(end - start)
    body.set(header.subarray(start, Math.min(end, header.length)))
    sent += body.length
    response.writeHead(206, { 'content-range': `bytes ${start}-${end - 1}/${size}`, 'content-length': String(body.length), etag: '"one"' })
    response.end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sent: () => sent,
    close: async () => {
      server.closeAllConnections()
      await new Promise((settle) => server.close(settle))
    },
  }
}
