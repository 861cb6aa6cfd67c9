// Rendering on a thread of its own that is ended when it takes too long or too much: for templates from strangers on a server.
// The interpreter's own limits stop every template we know of; this is for those nobody has thought of, and costs a message each way
// (about 0.1 ms).
import { Worker } from 'node:worker_threads'
import { FsError, type Segment } from '@fs/core'
import type { ChatInput } from '../chat.ts'
import { fail } from '../errors.ts'
import { DEFAULT_LIMITS, type RenderLimits } from '../jinja/budget.ts'
import type { RenderReply, RenderRequest } from './protocol.ts'

export type ThreadOptions = {
  /**
   * Heap of the thread. A rendering that creeps over it ends the thread, and only it; but one huge allocation ends the process even
   * from a thread (measured with Node 24: `Array.from({ length: 1e8 })` under 64 MB), so `limits` stay in force: they pay for every
   * list and string before it is made.
   */
  readonly memoryMegabytes?: number
  /** Wall clock of one rendering, parsing included, after which the thread is ended. */
  readonly milliseconds?: number
  /** Limits inside the thread; the default ones unless given. The heap has to hold what they allow; the default of 512 MB does. */
  readonly limits?: RenderLimits
}

export type TemplateThread = {
  /**
   * Renders as `renderSegments` does. Calls wait for one another.
   * @throws FsError like `renderSegments`; `chat-format/limit-time` and `chat-format/limit-memory` when the thread had to be ended,
   * `chat-format/thread-failed` after `close`
   */
  render(template: { readonly name: string; readonly source: string }, input: ChatInput): Promise<readonly Segment[]>
  /** Ends the thread. A rendering under way is rejected. */
  close(): Promise<void>
}

/** Starts nothing yet: the thread begins with the first rendering, is kept for the next, and does not keep the process alive. */
export function templateThread(options: ThreadOptions = {}): TemplateThread {
  const { memoryMegabytes = 512, milliseconds = 900, limits = DEFAULT_LIMITS } = options
  let worker: Promise<Worker> | undefined
  let closed = false
  let last: Promise<unknown> = Promise.resolve()

  const renderNow = async (request: RenderRequest): Promise<readonly Segment[]> => {
    if (closed) throw fail('chat-format/thread-failed', 'the rendering thread is closed; open another')
    worker ??= startWorker(memoryMegabytes)
    const running = await worker
    try {
      const reply = await ask(running, request, milliseconds, memoryMegabytes)
      return segmentsOf(reply)
    } catch (error) {
      if (!FsError.is(error) || !ENDED.has(error.code)) throw error
      worker = undefined
      await running.terminate()
      throw error
    }
  }

  return {
    render({ name, source }, input) {
      const result = last.then(() => renderNow({ name, source, input, limits }))
      last = result.catch(() => {})
      return result
    },
    async close() {
      closed = true
      await (await worker)?.terminate()
    },
  }
}

/** Failures after which the thread is not what it was. */
const ENDED: ReadonlySet<string> = new Set(['chat-format/limit-time', 'chat-format/limit-memory', 'chat-format/thread-failed'])

async function startWorker(memoryMegabytes: number): Promise<Worker> {
  // In the repository the sources run as they are; published, they are JavaScript.
  const file = import.meta.url.endsWith('.ts') ? './thread-main.ts' : './thread-main.js'
  const worker = new Worker(new URL(file, import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes, maxYoungGenerationSizeMb: 32 },
    env: {},
  })
  await nextReply(worker, undefined, memoryMegabytes)
  worker.unref()
  return worker
}

async function ask(worker: Worker, request: RenderRequest, milliseconds: number, memoryMegabytes: number): Promise<RenderReply> {
  worker.ref()
  try {
    worker.postMessage(request)
  } catch (error) {
    worker.unref()
    throw fail('chat-format/bad-input', `the chat can not be sent to the rendering thread: ${(error as Error).message}`, {}, error)
  }
  const reply = await nextReply(worker, { milliseconds, name: request.name }, memoryMegabytes)
  worker.unref()
  return reply
}

/** The worker's next message, or the reason why there will be none. */
function nextReply(
  worker: Worker,
  clock: { readonly milliseconds: number; readonly name: string } | undefined,
  memoryMegabytes: number,
): Promise<RenderReply> {
  return new Promise((resolve, reject) => {
    const late = () =>
      settle(() =>
        reject(
          fail('chat-format/limit-time', `${clock?.name} rendered for more than ${clock?.milliseconds} ms and was stopped`, {
            limit: clock?.milliseconds,
          }),
        ),
      )
    const timer = clock === undefined ? undefined : setTimeout(late, clock.milliseconds)
    const onMessage = (reply: RenderReply) => settle(() => resolve(reply))
    const onError = (error: Error & { code?: string }) =>
      settle(() =>
        reject(
          error.code === 'ERR_WORKER_OUT_OF_MEMORY'
            ? fail(
                'chat-format/limit-memory',
                `rendering took more than ${memoryMegabytes} MB and was stopped`,
                { limit: memoryMegabytes },
                error,
              )
            : fail('chat-format/thread-failed', `the rendering thread failed: ${error.message}`, {}, error),
        ),
      )
    const onExit = (code: number) =>
      settle(() => reject(fail('chat-format/thread-failed', `the rendering thread ended with code ${code}`, { code })))
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      finish()
    }
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
  })
}

function segmentsOf(reply: RenderReply): readonly Segment[] {
  switch (reply.type) {
    case 'segments':
      return reply.segments
    case 'error':
      if (reply.code === undefined) throw fail('chat-format/thread-failed', `rendering failed: ${reply.message}`)
      throw new FsError(reply.code, reply.message, { details: reply.details })
    case 'ready':
      throw fail('chat-format/thread-failed', 'the rendering thread started twice')
    default:
      return reply satisfies never
  }
}
