// How many tokens a checkpoint has, according to its tokenizer files and its configuration. The embedding's rows are a third opinion.
import type { Folder, JsonObject } from '@fs/core'

/** `vocab_size` of config.json, or of its text model. */
export function configuredVocabularySize(config: JsonObject | undefined): number | undefined {
  const text = config?.text_config
  const inner = text !== null && typeof text === 'object' && !Array.isArray(text) ? (text as JsonObject) : undefined
  const size = inner?.vocab_size ?? config?.vocab_size
  return typeof size === 'number' ? size : undefined
}

/** One more than the highest id in tokenizer.json, or undefined without that file. A damaged file is left for the tokenizer to refuse. */
export async function tokenizerSizeOf(folder: Folder): Promise<number | undefined> {
  const entry = folder.files.get('tokenizer.json')
  if (entry === undefined) return undefined
  const source = await folder.open('tokenizer.json')
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(await source.read(0, source.size)))
    return highestId(parsed)
  } catch {
    return undefined
  } finally {
    await source.close()
  }
}

function highestId(parsed: unknown): number | undefined {
  const { model, added_tokens: added } = parsed as { model?: { vocab?: unknown }; added_tokens?: unknown }
  let highest = -1
  if (Array.isArray(model?.vocab)) highest = model.vocab.length - 1
  else if (typeof model?.vocab === 'object' && model.vocab !== null) {
    for (const id of Object.values(model.vocab)) if (typeof id === 'number' && id > highest) highest = id
  }
  if (Array.isArray(added)) for (const token of added) if (typeof token?.id === 'number' && token.id > highest) highest = token.id
  return highest < 0 ? undefined : highest + 1
}
