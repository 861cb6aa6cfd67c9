// What Meta's Llama 3 checkpoints imply about their tokenizer and do not say in files that others read: tiktoken's ranks as a tokenizer.json,
// its special tokens, and how models made to chat are talked to.
import type { Notice } from '@fs/arch'
import type { Folder } from '@fs/core'
import { isTiktokenModel, jsonFromTiktoken, llama3SpecialTokens } from '@fs/tokenizer/tiktoken'
import { readBytes } from '../read-text.ts'
import { overlayFolder } from './overlay-folder.ts'

/**
 * The format of llama3/tokenizer.py (`ChatFormat`) in meta-llama/llama3: header, content without outer space, end of turn. The template of
 * the Hub's 3.1 and 3.2 is this with a system message about dates and tools in front.
 */
const CHAT_TEMPLATE = `{{- bos_token }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
`

/** Files that say the same as tiktoken's, in its place; another kind of tokenizer.model is left alone. */
export async function withLlama3Tokenizer(folder: Folder): Promise<{ readonly folder: Folder; readonly notices: readonly Notice[] }> {
  const model = folder.files.has('tokenizer.json') ? undefined : await readBytes(folder, 'tokenizer.model')
  if (model === undefined || !isTiktokenModel(model)) return { folder, notices: [] }
  // Nothing but its name says that a model was made to chat.
  const chats = /instruct|chat/i.test(folder.name)
  const text = (content: string) => new TextEncoder().encode(content)
  const config = {
    bos_token: '<|begin_of_text|>',
    eos_token: chats ? '<|eot_id|>' : '<|end_of_text|>',
    tokenizer_class: 'PreTrainedTokenizerFast',
  }
  const files = new Map([
    ['tokenizer.json', text(jsonFromTiktoken(model, llama3SpecialTokens()))],
    ['tokenizer_config.json', text(JSON.stringify(config))],
  ])
  if (!chats || folder.files.has('chat_template.jinja')) return { folder: overlayFolder(folder, files, ['tokenizer.model']), notices: [] }
  files.set('chat_template.jinja', text(CHAT_TEMPLATE))
  const message = "Meta's files have no chat template; Llama 3's format is written, without the dates that the Hub's template begins with"
  return { folder: overlayFolder(folder, files, ['tokenizer.model']), notices: [{ code: 'meta/chat-template', message }] }
}
