// Real chat templates and what transformers renders with them, from the folder beside the repository, when it is there.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { JsonObject } from '@fs/core'
import type { ChatInput } from './chat.ts'

export type ReferenceChat = {
  readonly label: string
  readonly input: ChatInput
  readonly rendered?: string | undefined
  readonly error?: string | undefined
}
export type ReferenceModel = {
  readonly name: string
  readonly template: string
  readonly specialTokens: { readonly [name: string]: string }
  readonly chats: readonly ReferenceChat[]
}

const shared = new URL('../../../../shared/', import.meta.url)
/** Why the tests are skipped, when they are. */
export const ABSENT: string | undefined = existsSync(shared) ? undefined : 'the folder ../shared with reference renderings is not here'

type RawChat = {
  readonly messages: JsonObject[]
  readonly tools?: JsonObject[]
  readonly rendered?: string
  readonly error?: string
  readonly add_generation_prompt?: boolean
  readonly enable_thinking?: boolean
}

function chat(label: string, raw: RawChat, specialTokens: { readonly [name: string]: string }): ReferenceChat {
  const thinking = raw.enable_thinking === undefined ? {} : { enable_thinking: raw.enable_thinking }
  const input: ChatInput = {
    messages: raw.messages,
    tools: raw.tools,
    ending: raw.add_generation_prompt === false ? 'complete' : 'generation-prompt',
    specialTokens,
    variables: { date_string: '26 Jul 2024', ...thinking },
  }
  return { label, input, rendered: raw.rendered, error: raw.error }
}

function specialTokensOf(config: { readonly [key: string]: unknown }): { [name: string]: string } {
  return Object.fromEntries(
    ['bos_token', 'eos_token', 'pad_token', 'unk_token'].flatMap((name) =>
      typeof config[name] === 'string' ? [[name, config[name]]] : [],
    ),
  )
}

const readJson = (url: URL) => JSON.parse(readFileSync(url, 'utf8'))

/** The real tokenizers that come with a template. */
export function referenceTokenizers(): ReferenceModel[] {
  if (ABSENT !== undefined) return []
  return readdirSync(new URL('realdata/tokenizers/', shared), { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return []
    const folder = new URL(`realdata/tokenizers/${entry.name}/`, shared)
    const config = JSON.parse(gunzipSync(readFileSync(new URL('tokenizer_config.json.gz', folder))).toString())
    if (typeof config.chat_template !== 'string') return []
    const specialTokens = specialTokensOf(config)
    const chats: { [label: string]: RawChat } = readJson(new URL('reference.json', folder)).chats
    return [
      {
        name: entry.name,
        template: config.chat_template,
        specialTokens,
        chats: Object.entries(chats).map(([label, raw]) => chat(label, raw, specialTokens)),
      },
    ]
  })
}

/** The small checkpoints that come with a template file. */
export function referenceCheckpoints(): ReferenceModel[] {
  if (ABSENT !== undefined) return []
  return readdirSync(new URL('fixtures/models/', shared)).flatMap((name) => {
    const folder = new URL(`fixtures/models/${name}/`, shared)
    if (!existsSync(new URL('chat_template.jinja', folder))) return []
    const specialTokens = specialTokensOf(readJson(new URL('tokenizer_config.json', folder)))
    const chats: RawChat[] = readJson(new URL('reference.json', folder)).chats
    return [
      {
        name,
        template: readFileSync(new URL('chat_template.jinja', folder), 'utf8'),
        specialTokens,
        chats: chats.map((raw, i) => chat(`chat ${i}`, raw, specialTokens)),
      },
    ]
  })
}
