// From what the server means to say to what goes over the wire, misbehaviours included. Byte ranges as in RFC 9110, section 14.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Misbehaviour } from './misbehaviour.ts'

export type Answer = {
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: Uint8Array | string
  /** Whether the request's Range header applies to the body. */
  readonly ranges?: boolean
}

export function json(value: unknown, headers: { readonly [name: string]: string } = {}): Answer {
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8', ...headers }, body: JSON.stringify(value) }
}

/** A refusal as the Hub words it: the code in `X-Error-Code`, the sentence in `X-Error-Message` and in the body. */
export function refusal(status: number, code: string | undefined, message: string): Answer {
  const headers = { ...(code === undefined ? {} : { 'x-error-code': code }), 'x-error-message': message }
  return { ...json({ error: message }, headers), status }
}

/** Sends the answer to the request, spoiled by `misbehaviours`. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  misbehaviours: readonly Misbehaviour[],
): Promise<void> {
  const override = misbehaviours.find((item) => item.kind === 'status')
  const meant = override === undefined ? answer : { status: override.status, headers: override.headers ?? {}, body: override.body ?? '' }
  if (misbehaviours.some(({ kind }) => kind === 'hang-up')) {
    request.socket.destroy()
    return
  }
  const grow = misbehaviours.find((item) => item.kind === 'grow')
  const full = withExtra(
    typeof meant.body === 'string' ? new TextEncoder().encode(meant.body) : (meant.body ?? new Uint8Array(0)),
    grow?.by ?? 0,
  )
  const ranges = 'ranges' in meant && meant.ranges === true && !misbehaviours.some(({ kind }) => kind === 'ignore-range')
  const { status, headers, body } = ranges ? ranged(request, meant.status, full) : { status: meant.status, headers: {}, body: full }
  response.statusCode = status
  for (const [name, value] of Object.entries({ ...meant.headers, ...headers, 'content-length': String(body.length) }))
    response.setHeader(name, value)
  for (const item of misbehaviours) {
    if (item.kind !== 'header') continue
    if (item.value === '') response.removeHeader(item.name)
    else response.setHeader(item.name, item.value)
  }
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await sendBody(response, misbehaviours.some(({ kind }) => kind === 'damage') ? damaged(body) : body, misbehaviours)
}

async function sendBody(response: ServerResponse, body: Uint8Array, misbehaviours: readonly Misbehaviour[]): Promise<void> {
  const early = misbehaviours.find((item) => item.kind === 'cut' || item.kind === 'stall')
  if (early !== undefined && early.after < body.length) {
    response.flushHeaders()
    await new Promise<void>((resolve) => response.write(body.subarray(0, early.after), () => resolve()))
    // A moment for the bytes to arrive: a reset overtakes what is still on its way.
    if (early.kind === 'cut') setTimeout(() => response.destroy(), 20)
    return
  }
  const drip = misbehaviours.find((item) => item.kind === 'drip')
  if (drip !== undefined) {
    for (let at = 0; at < body.length && !response.destroyed; at += drip.bytes) {
      response.write(body.subarray(at, at + drip.bytes))
      await pause(drip.everyMilliseconds)
    }
  }
  response.end(drip === undefined ? body : undefined)
}

function ranged(
  request: IncomingMessage,
  status: number,
  full: Uint8Array,
): { status: number; headers: { readonly [name: string]: string }; body: Uint8Array } {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (status !== 200 || from === undefined) return { status, headers: { 'accept-ranges': 'bytes' }, body: full }
  const start = Number(from)
  const end = to === undefined || to === '' ? full.length : Math.min(full.length, Number(to) + 1)
  if (start >= full.length) return { status: 416, headers: { 'content-range': `bytes */${full.length}` }, body: new Uint8Array(0) }
  return { status: 206, headers: { 'content-range': `bytes ${start}-${end - 1}/${full.length}` }, body: full.subarray(start, end) }
}

function withExtra(body: Uint8Array, extra: number): Uint8Array {
  if (extra === 0) return body
  const longer = new Uint8Array(body.length + extra)
  longer.set(body)
  return longer
}

function damaged(body: Uint8Array): Uint8Array {
  const copy = body.slice()
  if (copy[0] !== undefined) copy[0] ^= 0xff
  return copy
}
