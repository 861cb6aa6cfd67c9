// Chat templates in GGUF metadata: `tokenizer.chat_template` and `tokenizer.chat_template.<name>`, both ways.
// Keys: gguf-py `constants.py` (Keys.Tokenizer), `gguf_writer.py` add_chat_template.
import type { MetadataValue } from '@fs/core'
import { fail } from '../errors.ts'
import { type FoundTemplate, reportOf, type TemplateReport } from './report.ts'

const KEY = 'tokenizer.chat_template'

/** @throws FsError `chat-format/template-file` for a template that is no string */
export function findTemplatesInMetadata(metadata: ReadonlyMap<string, MetadataValue>): TemplateReport {
  const templates: FoundTemplate[] = []
  for (const [key, value] of metadata) {
    if (key !== KEY && !key.startsWith(`${KEY}.`)) continue
    if (value.type !== 'STRING') throw fail('chat-format/template-file', `${key} is ${value.type}, not a string`, { key })
    templates.push({ name: key === KEY ? 'default' : key.slice(KEY.length + 1), source: value.value, place: key })
  }
  return reportOf([{ place: KEY, templates }])
}

/**
 * The metadata rows for a report's templates, as gguf-py writes them: first every named one, its name in ASCII letters, digits and
 * underscores; then their names; the default last.
 */
export function templateMetadata(report: TemplateReport): ReadonlyMap<string, MetadataValue> {
  const rows = new Map<string, MetadataValue>()
  const names: string[] = []
  for (const { name, source } of report.templates.values()) {
    const written = name.replace(/[^a-zA-Z0-9]/g, '_')
    if (name === 'default' || rows.has(`${KEY}.${written}`)) continue
    rows.set(`${KEY}.${written}`, { type: 'STRING', value: source })
    names.push(written)
  }
  if (names.length > 0) rows.set('tokenizer.chat_templates', { type: 'ARRAY', of: 'STRING', value: names })
  const main = report.templates.get('default')
  if (main !== undefined) rows.set(KEY, { type: 'STRING', value: main.source })
  return rows
}
