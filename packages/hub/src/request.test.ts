import { startHubServer } from '@fs/hub-server'
import { describe, expect, test } from 'vitest'
import { normalizeToken } from './access.ts'
import { pauseAskedFor } from './failures.ts'
import { GOOD, MODEL, useHub } from './hub.test-support.ts'
import { listRepository } from './listing.ts'
import { hubRequest } from './request.ts'

const hub = useHub()

describe('a server that cannot be reached', () => {
  test('an unknown name', async () => {
    const pauses: unknown[] = []
    const call = hub.resolve({ endpoint: 'http://no-such-host.invalid', onPause: (pause) => pauses.push(pause) })
    await expect(call).rejects.toMatchObject({ code: 'hub/unreachable', details: { cause: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/) } })
  })

  test('a closed port, not tried again', async () => {
    const gone = await startHubServer()
    await gone.close()
    const pauses: unknown[] = []
    const call = hub.resolve({ endpoint: gone.endpoint, onPause: (pause) => pauses.push(pause) })
    await expect(call).rejects.toMatchObject({ code: 'hub/unreachable', message: expect.stringContaining('nothing listens there') })
    expect(pauses).toEqual([])
  })

  test('no answer in time, tried again', async () => {
    const reasons: string[] = []
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    const call = hub.resolve({
      fetch: never,
      patience: { tries: 2, firstPause: 1, answer: 30 },
      onPause: ({ reason }) => reasons.push(reason),
    })
    await expect(call).rejects.toMatchObject({ code: 'hub/unreachable', message: expect.stringContaining('no answer in time') })
    expect(reasons).toEqual(['unreachable'])
  })

  test('a connection closed at once, tried again', async () => {
    hub.server.misbehave({ host: 'hub', path: /./, times: 2 }, { kind: 'hang-up' })
    await expect(hub.resolve()).resolves.toBe(hub.commit)
  })

  test('a certificate nobody vouches for', async () => {
    const untrusted: typeof fetch = async () => {
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      })
    }
    await expect(hub.resolve({ fetch: untrusted })).rejects.toMatchObject({
      code: 'hub/unreachable',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    })
  })
})

test('offline, nothing is sent', async () => {
  await expect(hub.resolve({ offline: true })).rejects.toMatchObject({
    code: 'hub/offline',
    message: expect.stringContaining('run without --offline'),
  })
  expect(hub.server.requests).toEqual([])
})

describe('a server that asks for patience', () => {
  test('is asked again after Retry-After', async () => {
    hub.server.misbehave({ host: 'hub', path: /./, times: 1 }, { kind: 'status', status: 429, headers: { 'retry-after': '1' } })
    const pauses: unknown[] = []
    const start = performance.now()
    await expect(hub.resolve({ onPause: (pause) => pauses.push(pause) })).resolves.toBe(hub.commit)
    expect(performance.now() - start).toBeGreaterThan(950)
    expect(pauses).toEqual([{ reason: 'rate-limited', milliseconds: 1000 }])
  })

  test('gets a growing pause when it does not say how long', async () => {
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 503 })
    const pauses: number[] = []
    await expect(hub.resolve({ onPause: ({ milliseconds }) => pauses.push(milliseconds) })).rejects.toMatchObject({
      code: 'hub/server-error',
    })
    expect(pauses).toEqual([1, 2])
  })

  test('is not waited for when the user stops', async () => {
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 429, headers: { 'retry-after': '2' } })
    const stop = new AbortController()
    const call = hub.resolve({ signal: stop.signal, onPause: () => setTimeout(() => stop.abort(new Error('stopped')), 10) })
    await expect(call).rejects.toThrow('stopped')
  })

  test('may say how long in three ways', () => {
    const headers = (name: string, value: string) => new Headers({ [name]: value })
    expect(pauseAskedFor(429, headers('retry-after', '120'))).toBe(120_000)
    expect(pauseAskedFor(429, headers('retry-after', 'Wed, 21 Oct 2015 07:28:00 GMT'), Date.UTC(2015, 9, 21, 7, 27, 30))).toBe(30_000)
    expect(pauseAskedFor(429, headers('retry-after', 'Wed, 21 Oct 2015 07:28:00 GMT'))).toBe(0)
    expect(pauseAskedFor(429, headers('ratelimit', '"api";r=0;t=55'))).toBe(55_000)
    expect(pauseAskedFor(429, headers('retry-after', 'soon'))).toBeUndefined()
    // On a failing server the header only tells how much of the limit is left.
    expect(pauseAskedFor(503, headers('ratelimit', '"api";r=499;t=55'))).toBeUndefined()
  })
})

describe('the token', () => {
  const traces = () => hub.server.requests.map(({ host, headers }) => `${host} ${headers.authorization ?? 'none'}`)

  test('goes to the endpoint and not along a redirect', async () => {
    expect(await (await hub.ask(MODEL, 'model.safetensors', { accessToken: GOOD })).response.text()).toBe('weights')
    expect(traces()).toEqual([`hub Bearer ${GOOD}`, 'storage none'])
  })

  test('stays away when a foreign host sends the request back home', async () => {
    hub.server.misbehave(
      { host: 'storage', path: /./ },
      { kind: 'status', status: 302, headers: { location: `${hub.server.endpoint}/api/models/org/private/revision/main` } },
    )
    await expect(hub.ask(MODEL, 'model.safetensors', { accessToken: GOOD })).rejects.toMatchObject({ code: 'hub/repo-not-found' })
    expect(traces()).toEqual([`hub Bearer ${GOOD}`, 'storage none', 'hub none'])
  })

  test('does not open a gated model through a mirror that only redirects, and the message says why', async () => {
    const mirror: typeof fetch = async (input, init) => {
      const url = String(input).replace('http://mirror.example', hub.server.endpoint)
      return url === String(input) ? fetch(input, init) : new Response(null, { status: 308, headers: { location: url } })
    }
    const call = hubRequest(hub.access({ endpoint: 'http://mirror.example', accessToken: GOOD, fetch: mirror }), {
      url: 'http://mirror.example/org/gated/resolve/main/config.json',
      subject: { repository: 'org/gated' },
    })
    await expect(call).rejects.toMatchObject({
      code: 'hub/gated',
      message: expect.stringMatching(/sends us on to 127\.0\.0\.1:\d+.* unset it$/),
    })
  })

  test('stays with a renamed repository, which redirects within the endpoint', async () => {
    hub.server.misbehave(
      { host: 'hub', path: /old-name/ },
      { kind: 'status', status: 307, headers: { location: '/api/models/org/private/revision/main' } },
    )
    await expect(hub.resolve({ accessToken: GOOD }, 'org/old-name')).resolves.toMatch(/^[0-9a-f]{40}$/)
    expect(traces()).toEqual([`hub Bearer ${GOOD}`, `hub Bearer ${GOOD}`])
  })

  test('does not follow the next page to another host', async () => {
    hub.server.misbehave(
      { host: 'hub', path: /\/tree\// },
      { kind: 'header', name: 'link', value: `<${hub.server.storage}/large/x>; rel="next"` },
    )
    await expect(listRepository(hub.access({ accessToken: GOOD }), MODEL, hub.commit)).rejects.toBeDefined()
    expect(traces()).toContain('storage none')
    expect(traces().filter((line) => line.startsWith('storage') && line.includes(GOOD))).toEqual([])
  })

  test('is in no error, whatever fails', async () => {
    const failing = [
      () => hub.resolve({ accessToken: GOOD }, 'org/nothing'),
      () => hub.ask(MODEL, 'nothing', { accessToken: GOOD }),
      () => hub.resolve({ accessToken: GOOD, endpoint: 'http://127.0.0.1:9' }),
      () => hub.resolve({ accessToken: 'hf_forged' }),
      () => Promise.reject(catching(() => normalizeToken('hf_one\nhf_two'))),
    ]
    for (const call of failing) {
      const error = (await call().catch((thrown: unknown) => thrown)) as Error & { details: object }
      const everything = [error.message, error.stack, JSON.stringify(error.details), String(error.cause)].join('\n')
      expect(everything).not.toMatch(/hf_(good|forged|one|two)/)
    }
  })
})

describe('redirects', () => {
  const redirect = (location: string | undefined) =>
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 302, headers: location === undefined ? {} : { location } })

  test.each([
    ['in circles', '/again'],
    ['nowhere', undefined],
    ['to an unreadable address', 'http://[::'],
    ['to a file', 'file:///etc/passwd'],
    ['to an address with credentials', 'http://user:secret@127.0.0.1/'],
  ])('%s are refused', async (_case, location) => {
    redirect(location)
    const error = (await hub.resolve().catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'hub/bad-redirect' })
    expect(error.message).not.toContain('secret')
  })

  test('away from https are refused', async () => {
    const secure: typeof fetch = async () => new Response(null, { status: 302, headers: { location: 'http://127.0.0.1/x' } })
    await expect(hub.resolve({ endpoint: 'https://127.0.0.1', fetch: secure })).rejects.toMatchObject({
      code: 'hub/bad-redirect',
      message: expect.stringContaining('away from https'),
    })
  })

  test('that a browser hides from us are left to it', async () => {
    const modes: unknown[] = []
    const browser: typeof fetch = async (_, init) => {
      modes.push(init?.redirect)
      if (init?.redirect === 'manual') return Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' })
      return Response.json({ sha: hub.commit })
    }
    await expect(hub.resolve({ fetch: browser })).resolves.toBe(hub.commit)
    expect(modes).toEqual(['manual', 'follow'])
  })
})

function catching(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
