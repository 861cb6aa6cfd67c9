// How a unified config.json says what a chat looks like: the model's templates, and the preset that writes the same where one does.

import type { TemplateReport } from '@fs/chat-format/find'
import { PROBES, type ProbeName, renderProbe } from '@fs/chat-format/lint'
import { type FormatMessage, formatMessages, MESSAGE_FORMATS, type MessageFormat } from '@fs/chat-format/presets'
import { FsError, type JsonObject } from '@fs/core'
import type { SpecialRole, Tokenizer } from '@fs/tokenizer'
import type { UnifiedConfig } from './unified-schema.ts'

/** @returns the templates as they are, and the preset that behaves as the main one on every probe chat */
export function messageFormatOf({ templates }: TemplateReport, tokenizer: Tokenizer): UnifiedConfig['message_format'] {
  const rows = [...templates.values()].map(({ name, source }) => ({ name, template: source }))
  const main = templates.get('default')
  if (main === undefined) return { type: rows.length === 0 ? 'PLAIN' : 'CUSTOM', templates: rows }
  const specialTokens = specialTexts(tokenizer)
  const same = (Object.keys(MESSAGE_FORMATS) as (keyof typeof MESSAGE_FORMATS)[]).find((name) =>
    (Object.keys(PROBES) as ProbeName[]).every((probe) => {
      const rendered = renderProbe(main.source, probe, { specialTokens })
      return (rendered.type === 'text' ? rendered.text : undefined) === written(MESSAGE_FORMATS[name], probe)
    }),
  )
  return { type: same ?? 'CUSTOM', templates: rows }
}

/** What a preset makes of a probe chat; undefined where it refuses it. */
function written(format: MessageFormat, probe: ProbeName): string | undefined {
  const { messages, ending }: { readonly messages: readonly JsonObject[]; readonly ending?: 'complete' } = PROBES[probe]
  try {
    return formatMessages(format, messages as readonly FormatMessage[], ending ?? 'generation-prompt')
      .map(({ text }) => text)
      .join('')
  } catch (error) {
    if (FsError.is(error)) return undefined
    throw error
  }
}

function specialTexts({ special, idToToken }: Tokenizer): { readonly [name: string]: string } {
  const rows = (Object.entries(special) as [SpecialRole, number][]).map(([role, id]) => [`${role}_token`, idToToken(id) ?? ''])
  return Object.fromEntries(rows)
}
