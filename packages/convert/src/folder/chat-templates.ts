// The chat templates of an opened model, wherever its container keeps them, and the files transformers looks for them in.
import { findTemplatesInFolder, findTemplatesInMetadata, type TemplateReport } from '@fs/chat-format/find'
import type { OpenedModel } from '../open-model.ts'

/** @throws FsError `chat-format/template-file` */
export async function chatTemplatesOf({ checkpoint }: OpenedModel): Promise<TemplateReport> {
  const inFolder = await findTemplatesInFolder(checkpoint.folder)
  return inFolder.templates.size === 0 && checkpoint.metadata !== undefined ? findTemplatesInMetadata(checkpoint.metadata) : inFolder
}

/** `chat_template.jinja`, and `additional_chat_templates/NAME.jinja` for named ones. */
export function chatTemplateFiles({ templates }: TemplateReport): ReadonlyMap<string, Uint8Array> {
  const encoder = new TextEncoder()
  return new Map(
    [...templates.values()].map(({ name, source }) => [
      name === 'default' ? 'chat_template.jinja' : `additional_chat_templates/${safeName(name)}.jinja`,
      encoder.encode(source),
    ]),
  )
}

/** Names come from files and become file names. */
const safeName = (name: string): string => name.replace(/[^\p{L}\p{N}_-]+/gu, '_') || 'template'
