import { afterAll, expect, test } from 'vitest'
import { templateThread } from './thread.ts'

const thread = templateThread()
afterAll(() => thread.close())

const messages = [{ role: 'user', content: 'Hi' }]
const template = (source: string) => ({ name: 'chat_template.jinja', source })
const GREETING = template("{% for m in messages %}{{ '<|' + m.role + '|>' + m.content }}{% endfor %}")
const GREETED = [
  { type: 'special', text: '<|user|>' },
  { type: 'text', text: 'Hi' },
]
/** No limits inside the thread, so that what stops a template is the thread's end. */
const UNLIMITED = { steps: Number.MAX_SAFE_INTEGER, characters: Number.MAX_SAFE_INTEGER, depth: 1e6, milliseconds: 1e9 }

test('renders on another thread, errors and their codes included', async () => {
  expect(await thread.render(GREETING, { messages })).toEqual(GREETED)
  await expect(thread.render(template('{{ raise_exception("no") }}'), { messages })).rejects.toMatchObject({
    code: 'chat-format/template-refused',
    details: { reason: 'no' },
  })
  await expect(thread.render(template('{% for i in range(100000000) %}{% endfor %}'), { messages })).rejects.toMatchObject({
    code: 'chat-format/limit-steps',
  })
})

test('many chats share one thread', async () => {
  await thread.render(GREETING, { messages })
  const start = performance.now()
  const all = await Promise.all(Array.from({ length: 200 }, () => thread.render(GREETING, { messages })))
  expect(all).toEqual(Array.from({ length: 200 }, () => GREETED))
  // A thread of its own for each would take more than ten milliseconds apiece.
  expect(performance.now() - start).toBeLessThan(1500)
})

test('a template that only the clock can stop ends the thread, not the process, and the next chat gets a new one', async () => {
  const open = templateThread({ limits: UNLIMITED, milliseconds: 300 })
  await open.render(GREETING, { messages })
  const start = performance.now()
  const endless = template('{% for i in range(30000) %}{% for j in range(30000) %}{% endfor %}{% endfor %}')
  await expect(open.render(endless, { messages })).rejects.toMatchObject({ code: 'chat-format/limit-time' })
  expect(performance.now() - start).toBeLessThan(1000)
  expect(await open.render(GREETING, { messages })).toEqual(GREETED)
  await open.close()
})

test('a template that only memory can stop ends the thread, not the process', async () => {
  const open = templateThread({ limits: UNLIMITED, milliseconds: 20_000, memoryMegabytes: 64 })
  const swelling = template(
    '{% set ns = namespace(a=[]) %}{% for i in range(3000) %}{% set ns.a = [ns.a, range(10000) | list, "x" ~ i] %}{% endfor %}',
  )
  await expect(open.render(swelling, { messages })).rejects.toMatchObject({ code: 'chat-format/limit-memory' })
  expect(await open.render(GREETING, { messages })).toEqual(GREETED)
  await open.close()
})

test('what can not be sent is refused, and a closed thread says so', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: callers in JavaScript have no types.
  await expect(thread.render(GREETING, { messages: [{ role: 'user', content: () => 1 }] as any })).rejects.toMatchObject({
    code: 'chat-format/bad-input',
  })
  expect(await thread.render(GREETING, { messages })).toEqual(GREETED)
  const closing = templateThread()
  await closing.close()
  await expect(closing.render(GREETING, { messages })).rejects.toMatchObject({ code: 'chat-format/thread-failed' })
})
