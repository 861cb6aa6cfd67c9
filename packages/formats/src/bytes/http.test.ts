// How a remote file is read when the network and the server are at their worst. A real HTTP server answers, nothing is mocked.
import type { ByteSource } from '@fs/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Answer, type FileServer, serveFiles } from '../test-support/file-server.test-support.ts'
import { httpSource } from './http.ts'
import { retryAfter } from './http-request.ts'

const content = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 7) & 0xff)
const quick = { retryDelay: 1 } as const
let server: FileServer
let cdn: FileServer
beforeEach(async () => {
  server = await serveFiles()
  cdn = await serveFiles()
})
afterEach(async () => {
  await server.close()
  await cdn.close()
})

const status =
  (code: number, headers: { [name: string]: string } = {}): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end()
const redirect = (location: string) => status(302, { location })
const silence: Answer = () => undefined
const cutConnection: Answer = (request) => void request.socket.destroy()
/** Promises the whole range, sends `bytes` of it, and hangs up. */
const cutAfter =
  (bytes: number): Answer =>
  (request, response) => {
    const [, first, last] = /(\d+)-(\d+)/.exec(request.headers.range ?? '')!
    const [start, end] = [Number(first), Number(last)]
    response.writeHead(206, { etag: '"v1"', 'content-length': end - start + 1, 'content-range': `bytes ${start}-${end}/${content.length}` })
    response.write(content.subarray(start, start + bytes), () => request.socket.destroy())
  }

describe('failures that pass', () => {
  test('a body cut in the middle goes on where it stopped', async () => {
    const source = await httpSource(server.add('m.bin', content), quick)
    server.next(cutAfter(3000), cutAfter(2500))
    expect(Buffer.compare(await source.read(100, 9000), content.subarray(100, 9100))).toBe(0)
    expect(server.exchanges.map(({ range }) => range)).toEqual(['bytes=0-0', 'bytes=100-9099', 'bytes=3100-9099', 'bytes=5600-9099'])
  })

  test('progress resets the count of failures, so a long download survives many cuts', async () => {
    const source = await httpSource(server.add('m.bin', content), { ...quick, retries: 1 })
    server.next(cutAfter(1000), cutAfter(1000), cutAfter(1000), cutAfter(1000))
    expect(await source.read(0, 10_000)).toHaveLength(10_000)
  })

  test('errors of the server and of the network are tried again, when opening too', async () => {
    const url = server.add('m.bin', content)
    server.next(status(503), cutConnection)
    const source = await httpSource(url, quick)
    server.next(status(500), status(429), cutConnection)
    expect(await source.read(5, 5)).toEqual(content.subarray(5, 10))
  })

  test('Retry-After is obeyed, as seconds and as a date', async () => {
    const source = await httpSource(server.add('m.bin', content), quick)
    server.next(status(429, { 'retry-after': '1' }))
    const start = performance.now()
    await source.read(0, 5)
    expect(performance.now() - start).toBeGreaterThan(950)
    expect(retryAfter('Wed, 21 Oct 2015 07:28:10 GMT', Date.parse('Wed, 21 Oct 2015 07:28:00 GMT'))).toBe(10_000)
    expect(retryAfter('soon')).toBeUndefined()
  })

  test('a connection gone silent counts as cut', async () => {
    const source = await httpSource(server.add('m.bin', content), { ...quick, stallTimeout: 50 })
    server.next(silence)
    expect(await source.read(0, 5)).toEqual(content.subarray(0, 5))
  })
})

describe('failures that stay', () => {
  test.each<[what: string, code: string, answer: Answer]>([
    ['a missing file', 'bytes/not-found', status(404)],
    ['a refused one', 'bytes/http-status', status(403)],
    ['a server that asks for an hour', 'bytes/http-status', status(429, { 'retry-after': '3600' })],
    ['a compressed body', 'bytes/http-encoded', status(200, { 'content-encoding': 'gzip', 'content-length': '5' })],
    ['an unknown size', 'bytes/http-size-unknown', (_request, response) => void response.writeHead(200).end('no length')],
    ['a redirect to nowhere', 'bytes/http-redirect', status(302)],
    ['a redirect to a file', 'bytes/http-redirect', redirect('file:///etc/passwd')],
    ['a redirect with a password', 'bytes/http-redirect', redirect('http://user:secret@127.0.0.1/')],
  ])('%s when opening: %s', async (_what, code, answer) => {
    const url = server.add('m.bin', content)
    server.next(answer)
    await expect(httpSource(url, quick)).rejects.toMatchObject({ code })
  })

  test('a server that never answers well is given up on', async () => {
    const url = server.add('m.bin', content)
    server.next(status(503), status(503), status(503))
    await expect(httpSource(url, { ...quick, retries: 2 })).rejects.toMatchObject({ code: 'bytes/http-status', details: { status: 503 } })
    server.next(cutConnection, cutConnection)
    await expect(httpSource(url, { ...quick, retries: 1 })).rejects.toMatchObject({ code: 'bytes/http-network' })
  })

  test('redirects in a circle', async () => {
    const url = server.add('m.bin', content)
    server.next(...Array.from({ length: 20 }, () => redirect('/m.bin')))
    await expect(httpSource(url, quick)).rejects.toMatchObject({ code: 'bytes/http-redirect' })
  })

  test.each(['file:///etc/passwd', 'ftp://host/x', 'https://user:secret@host/x', 'no url'])('the address %s', async (url) => {
    await expect(httpSource(url)).rejects.toMatchObject({ code: 'bytes/url' })
  })
})

describe('a file that changes or lies', () => {
  test('another ETag or size between two reads', async () => {
    const source = await httpSource(server.add('m.bin', content), quick)
    server.add('m.bin', content, '"v2"')
    await expect(source.read(0, 5)).rejects.toMatchObject({ code: 'bytes/changed' })
    server.add('m.bin', content.subarray(0, 9000))
    await expect(source.read(0, 5)).rejects.toMatchObject({ code: 'bytes/changed' })
    await expect(source.read(9500, 5)).rejects.toMatchObject({ code: 'bytes/changed' })
  })

  test('another range than the one asked for', async () => {
    const source = await httpSource(server.add('m.bin', content), quick)
    server.next((_request, response) =>
      response.writeHead(206, { 'content-range': `bytes 0-4/${content.length}` }).end(content.subarray(0, 5)),
    )
    await expect(source.read(50, 5)).rejects.toMatchObject({ code: 'bytes/http-bad-range' })
  })

  test('a server without ranges serves the start of a file and refuses the rest', async () => {
    const url = server.add('config.json', content)
    const whole: Answer = (_request, response) => void response.writeHead(200, { 'content-length': content.length }).end(content)
    server.next(whole, whole)
    const source = await httpSource(url, quick)
    expect(await source.read(0, 20)).toEqual(content.subarray(0, 20))
    await expect(source.read(1, 20)).rejects.toMatchObject({ code: 'bytes/http-no-range' })
  })

  test('a whole file in place of a range is refused, not read from its start', async () => {
    const source = await httpSource(server.add('m.bin', content), quick)
    server.next((_request, response) => void response.writeHead(200, { 'content-length': content.length }).end(content))
    await expect(source.read(50, 5)).rejects.toMatchObject({ code: 'bytes/http-no-range' })
  })
})

describe('credentials', () => {
  const token = { authorization: 'Bearer secret' }

  test('a token stays with the first server; the redirect is remembered', async () => {
    const signed = cdn.add('blob', content)
    const url = server.add('m.bin', content)
    server.next(redirect(signed))
    const source = await httpSource(url, { ...quick, headers: token })
    expect(await source.read(0, 5)).toEqual(content.subarray(0, 5))
    expect(server.exchanges.map(({ authorization }) => authorization)).toEqual(['Bearer secret'])
    expect(cdn.exchanges.map(({ authorization }) => authorization)).toEqual([undefined, undefined])
  })

  test('it does not come back when another server redirects home', async () => {
    const url = server.add('m.bin', content)
    server.next(redirect(`${cdn.origin}/hop`))
    cdn.next(redirect(url))
    await httpSource(url, { ...quick, headers: token })
    expect(server.exchanges.map(({ authorization }) => authorization)).toEqual(['Bearer secret', undefined])
  })

  test('it follows a redirect within the first server', async () => {
    const url = server.add('m.bin', content)
    server.next(redirect('/m.bin'))
    await httpSource(url, { ...quick, headers: token })
    expect(server.exchanges.map(({ authorization }) => authorization)).toEqual(['Bearer secret', 'Bearer secret'])
  })

  test('a signed address that expired is asked for again', async () => {
    const signed = cdn.add('blob', content)
    const url = server.add('m.bin', content)
    server.next(redirect(signed), redirect(signed))
    const source = await httpSource(url, { ...quick, headers: token })
    cdn.next(status(403))
    expect(await source.read(0, 5)).toEqual(content.subarray(0, 5))
    expect(server.exchanges).toHaveLength(2)
  })

  test('errors name the file, not the signature in its address', async () => {
    server.next(status(403))
    const error = await httpSource(`${server.origin}/m.bin?signature=secret`, { headers: token }).catch((thrown) => thrown)
    expect(JSON.stringify([error.message, error.details])).not.toContain('secret')
  })
})

test('the signal given on opening cancels later reads, and closing cancels running ones', async () => {
  const url = server.add('m.bin', content)
  const controller = new AbortController()
  const source = await httpSource(url, { ...quick, signal: controller.signal })
  const cancelled = expect(readInSilence(source)).rejects.toMatchObject({ code: 'bytes/aborted' })
  await arrivals(2)
  controller.abort()
  await cancelled
  const other = await httpSource(url, quick)
  const closed = expect(readInSilence(other)).rejects.toMatchObject({ code: 'bytes/aborted' })
  await arrivals(4)
  await other.close()
  await closed
})

function readInSilence(source: ByteSource): Promise<Uint8Array> {
  server.next(silence)
  return source.read(0, 5)
}

/** Waits until the server has seen `count` requests. */
async function arrivals(count: number): Promise<void> {
  while (server.exchanges.length < count) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('the name comes from the address, the location can be opened again', async () => {
  const source = await httpSource(server.add('my model.gguf', content), { headers: { 'x-test': '1' } })
  expect(source.name).toBe('my model.gguf')
  expect(source.location).toEqual({ kind: 'http', url: `${server.origin}/my%20model.gguf`, headers: { 'x-test': '1' } })
})
