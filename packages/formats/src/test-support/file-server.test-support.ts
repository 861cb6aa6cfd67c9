// A small HTTP server that speaks ranges as a CDN does, and misbehaves on request: cuts, delays, lies. For tests of `httpSource`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Exchange = { readonly path: string; readonly range: string | undefined; readonly authorization: string | undefined }

/** Answers one request instead of the server; `plain` does what the server would have done. */
export type Answer = (request: IncomingMessage, response: ServerResponse, plain: () => void) => void

export type FileServer = {
  readonly origin: string
  /** Every request so far, oldest first. */
  readonly exchanges: Exchange[]
  /** Serves `bytes` under `name` and returns the URL. */
  add(name: string, bytes: Uint8Array, etag?: string): string
  /** Lets `answers` handle the next requests, one each. */
  next(...answers: Answer[]): void
  close(): Promise<void>
}

export async function serveFiles(): Promise<FileServer> {
  const files = new Map<string, { readonly bytes: Uint8Array; readonly etag: string }>()
  const exchanges: Exchange[] = []
  const planned: Answer[] = []

  const plain = (request: IncomingMessage, response: ServerResponse) => {
    const file = files.get(request.url ?? '')
    if (file === undefined) return void response.writeHead(404).end()
    const { bytes, etag } = file
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (range === null) return void response.writeHead(200, { etag, 'content-length': bytes.length }).end(bytes)
    const first = Number(range[1])
    if (first >= bytes.length) return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
    const last = Math.min(Number(range[2]), bytes.length - 1)
    response.writeHead(206, { etag, 'content-length': last - first + 1, 'content-range': `bytes ${first}-${last}/${bytes.length}` })
    response.end(bytes.subarray(first, last + 1))
  }

  const server = createServer((request, response) => {
    exchanges.push({ path: request.url ?? '', range: request.headers.range, authorization: request.headers.authorization })
    const answer = planned.shift()
    if (answer === undefined) plain(request, response)
    else answer(request, response, () => plain(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    exchanges,
    add(name, bytes, etag = '"v1"') {
      const path = `/${encodeURIComponent(name)}`
      files.set(path, { bytes, etag })
      return `${origin}${path}`
    },
    next: (...answers) => void planned.push(...answers),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
