import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type HubServer, startHubServer } from '@fs/hub-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveCommit } from '../listing.ts'
import { proxyFetch } from './proxy.ts'

let server: HubServer
let proxy: Server
let address = ''
let willing = true
/** What the proxy was asked for: method, target, and the credentials shown to it. */
const asked: string[] = []

beforeEach(async () => {
  asked.length = 0
  willing = true
  server = await startHubServer()
  proxy = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`)
    if (!willing) {
      response.writeHead(407).end()
      return
    }
    const answer = await fetch(request.url ?? '', { redirect: 'manual' })
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text())
  })
  proxy.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`)
    const [host, port] = request.url?.split(':') ?? []
    if (!willing) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    const tunnel = connect(Number(port), host ?? '', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      tunnel.pipe(socket)
      socket.pipe(tunnel)
    })
    tunnel.on('error', () => socket.destroy())
    socket.on('error', () => tunnel.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
})
afterEach(async () => {
  await server.close()
  proxy.closeAllConnections()
  proxy.close()
})

/** Resolves a branch through what `environment` says, over the endpoint or its https twin, where nobody speaks TLS. */
async function resolve(environment: { readonly [name: string]: string }, scheme: 'http' | 'https' = 'http') {
  const fetch = await proxyFetch(environment)
  const endpoint = server.endpoint.replace('http:', `${scheme}:`)
  return resolveCommit({ endpoint, ...(fetch === undefined ? {} : { fetch }), patience: { tries: 1 } }, 'org/model', 'main')
}

describe('a proxy', () => {
  test('is used for http, and shown its own credentials', async () => {
    const commit = server.commit('org/model', {})
    await expect(resolve({ HTTP_PROXY: `http://user:pass@${address}` })).resolves.toBe(commit)
    expect(asked).toEqual([
      expect.stringMatching(/^GET http:\/\/127\.0\.0\.1:\d+\/api\/models\/org\/model\/revision\/main\?\S+ Basic dXNlcjpwYXNz$/),
    ])
  })

  test.each([['HTTPS_PROXY'], ['https_proxy'], ['ALL_PROXY']])('is asked for a tunnel for https, named by %s', async (variable) => {
    await expect(resolve({ [variable]: address }, 'https')).rejects.toMatchObject({ code: 'hub/unreachable' })
    expect(asked).toEqual([`CONNECT ${new URL(server.endpoint).host} -`])
  })

  test('is not used for what NO_PROXY names, or without a variable', async () => {
    const commit = server.commit('org/model', {})
    await expect(resolve({ HTTP_PROXY: address, NO_PROXY: '127.0.0.1' })).resolves.toBe(commit)
    await expect(resolve({})).resolves.toBe(commit)
    expect(asked).toEqual([])
  })

  test.each(['http', 'https'] as const)('that wants credentials is named as the reason, for %s', async (scheme) => {
    willing = false
    await expect(resolve({ ALL_PROXY: address }, scheme)).rejects.toMatchObject({ code: 'hub/bad-proxy' })
  })
})

test.each(['socks5://127.0.0.1:1080', 'http://user:secret@[::'])('an address that is no http proxy is refused unseen: %s', async (text) => {
  await expect(proxyFetch({ HTTPS_PROXY: text })).rejects.toMatchObject({
    code: 'hub/bad-proxy',
    message: expect.not.stringMatching(/secret|1080/),
  })
})
