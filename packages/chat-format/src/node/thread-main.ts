// The code of the rendering thread: one request, one reply. Limits of memory and time are kept from outside, by `thread.ts`.
import { parentPort } from 'node:worker_threads'
import { FsError } from '@fs/core'
import { type ChatTemplate, compileTemplate, renderSegments } from '../render.ts'
import type { RenderReply, RenderRequest } from './protocol.ts'

/** Read templates, the last used at the end; a server alternates between few. */
const compiled = new Map<string, ChatTemplate>()
const KEPT_TEMPLATES = 8

function templateOf(source: string, name: string): ChatTemplate {
  const key = `${name}\n${source}`
  const template = compiled.get(key) ?? compileTemplate(source, name)
  compiled.delete(key)
  compiled.set(key, template)
  if (compiled.size > KEPT_TEMPLATES) compiled.delete(compiled.keys().next().value!)
  return template
}

function reply({ name, source, input, limits }: RenderRequest): RenderReply {
  try {
    return { type: 'segments', segments: renderSegments(templateOf(source, name), input, limits) }
  } catch (error) {
    if (FsError.is(error)) return { type: 'error', code: error.code, message: error.message, details: error.details }
    return { type: 'error', code: undefined, message: error instanceof Error ? error.message : String(error), details: {} }
  }
}

const post = (message: RenderReply) => parentPort?.postMessage(message)
parentPort?.on('message', (request: RenderRequest) => post(reply(request)))
post({ type: 'ready' })
