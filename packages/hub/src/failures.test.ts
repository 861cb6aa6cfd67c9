import { describe, expect, test } from 'vitest'
import { GOOD, MODEL, POOR, useHub } from './hub.test-support.ts'
import { listRepository } from './listing.ts'

const hub = useHub()

describe('each refusal of the Hub has its own code and advice', () => {
  test.each([
    [
      'a gated repository without a token',
      () => hub.ask('org/gated', 'config.json'),
      'hub/gated',
      /^org\/gated is gated: accept the licence at http:\/\/127.0.0.1:\d+\/org\/gated, then set HF_TOKEN$/,
    ],
    [
      'a gated repository with a stranger’s token',
      () => hub.ask('org/gated', 'config.json', { accessToken: POOR }),
      'hub/gated',
      /with the account the token in HF_TOKEN belongs to/,
    ],
    [
      'a missing repository',
      () => hub.resolve({}, 'org/nothing'),
      'hub/repo-not-found',
      /shows no model org\/nothing: check the spelling, or set HF_TOKEN/,
    ],
    [
      'a missing repository, with a token',
      () => hub.resolve({ accessToken: POOR }, 'org/nothing'),
      'hub/repo-not-found',
      /use a token that may read it/,
    ],
    ['a private repository without a token', () => hub.resolve({}, 'org/private'), 'hub/repo-not-found', /set HF_TOKEN, if it is private/],
    ['a missing revision', () => hub.resolve({}, MODEL, 'v9'), 'hub/revision-not-found', /has no branch, tag or commit v9/],
    ['a missing file', () => hub.ask(MODEL, 'nothing.json'), 'hub/file-not-found', /^org\/model has no nothing.json at main/],
    ['a wrong token', () => hub.resolve({ accessToken: 'hf_forged' }), 'hub/bad-token', /refused the access token/],
  ])('%s', async (_case, call, code, message) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('the right token opens both', async () => {
    expect((await hub.ask('org/gated', 'config.json', { accessToken: GOOD })).response.status).toBe(200)
    await expect(hub.resolve({ accessToken: GOOD }, 'org/private')).resolves.toMatch(/^[0-9a-f]{40}$/)
  })

  test.each([
    [403, { 'x-error-message': 'Access to this resource is disabled.' }, 'hub/forbidden', /"Access to this resource is disabled."/],
    [404, {}, 'hub/repo-not-found', /check the spelling and HF_ENDPOINT/],
    [418, {}, 'hub/unexpected-status', /status 418/],
    [500, {}, 'hub/server-error', /status 500; the server is at fault/],
    [429, { 'retry-after': '3600' }, 'hub/rate-limited', /wait 3600 seconds and run again, or set HF_TOKEN/],
  ] as const)('status %i', async (status, headers, code, message) => {
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status, headers })
    await expect(hub.resolve()).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('a file that a server without error codes does not have', async () => {
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 404 })
    await expect(hub.ask(MODEL, 'config.json')).rejects.toMatchObject({ code: 'hub/file-not-found' })
  })

  test('words of the server appear tamed', async () => {
    hub.server.misbehave(
      { host: 'hub', path: /./ },
      { kind: 'status', status: 403, headers: { 'x-error-message': `\u001b[31m${'x'.repeat(500)}`.replace('\u001b', '\u009b') } },
    )
    const error = await hub.resolve().catch((thrown: Error) => thrown)
    expect(error).toMatchObject({ code: 'hub/forbidden' })
    expect((error as Error).message).not.toMatch(/\p{Cc}/u)
    expect((error as Error).message.length).toBeLessThan(400)
  })
})

describe('answers that are no answers', () => {
  test.each([
    ['a web page', { 'content-type': 'text/html; charset=utf-8' }, '<html>Please log in</html>', 'hub/not-a-hub'],
    ['not JSON', { 'content-type': 'application/json' }, '{"sha": ', 'hub/bad-answer'],
    ['no commit', { 'content-type': 'application/json' }, '{"sha": "../../etc"}', 'hub/bad-answer'],
    ['not an object', { 'content-type': 'application/json' }, 'null', 'hub/bad-answer'],
    ['not UTF-8', { 'content-type': 'application/json' }, '\u0000', 'hub/bad-answer'],
  ])('%s', async (_case, headers, body, code) => {
    hub.server.misbehave({ host: 'hub', path: /./ }, { kind: 'status', status: 200, headers, body })
    await expect(hub.resolve()).rejects.toMatchObject({ code })
  })

  test.each([
    ['an object', '{}'],
    ['entries that are not objects', '[1, null]'],
    ['a file without a path', '[{"type":"file","size":1,"oid":"x"}]'],
    ['a negative size', `[{"type":"file","path":"a","size":-1,"oid":"${'a'.repeat(40)}"}]`],
    ['a size beyond exact numbers', `[{"type":"file","path":"a","size":9007199254740993,"oid":"${'a'.repeat(40)}"}]`],
    ['a hash that is a path', '[{"type":"file","path":"a","size":1,"oid":"../../../x"}]'],
    ['an LFS hash that is a path', `[{"type":"file","path":"a","size":1,"oid":"${'a'.repeat(40)}","lfs":{"oid":"../x","size":1}}]`],
  ])('a list of files that is %s', async (_case, body) => {
    hub.server.misbehave(
      { host: 'hub', path: /\/tree\// },
      { kind: 'status', status: 200, headers: { 'content-type': 'application/json' }, body },
    )
    await expect(listRepository(hub.access(), MODEL, hub.commit)).rejects.toMatchObject({ code: 'hub/bad-answer' })
  })

  test.each(['file', 'directory'])('a list that has no end, of type %s', async (type) => {
    const page = JSON.stringify(Array.from({ length: 50_000 }, () => ({ type, path: 'f', size: 1 })))
    let pages = 0
    const endless: typeof fetch = async () => {
      pages++
      const link = `<${hub.server.endpoint}/api/models/org/model/tree/${hub.commit}?cursor=${pages}>; rel="next"`
      return new Response(page, { headers: { 'content-type': 'application/json', link } })
    }
    await expect(listRepository(hub.access({ fetch: endless }), MODEL, hub.commit)).rejects.toMatchObject({ code: 'hub/bad-answer' })
    expect(pages).toBe(5)
  })

  test('an answer larger than any list', async () => {
    const flood: typeof fetch = async () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(1 << 20).fill(32)),
        }),
        { headers: { 'content-type': 'application/json' } },
      )
    await expect(hub.resolve({ fetch: flood })).rejects.toMatchObject({ code: 'hub/bad-answer', details: { largest: 64 * 2 ** 20 } })
  })
})
