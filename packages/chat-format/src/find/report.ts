// What was found where, and which of it counts. Reading files and metadata is in `folder.ts` and `metadata.ts`.
import { fail } from '../errors.ts'

/** One template as it lies in a file or in metadata. */
export type FoundTemplate = {
  /** `default`, or the name its owner gave it (`tool_use`, `rag`). */
  readonly name: string
  readonly source: string
  /** The file, with the key inside it where it has several, or the GGUF metadata key. */
  readonly place: string
}

/** Templates of one place, all or none of which count. */
export type TemplatePlace = { readonly place: string; readonly templates: readonly FoundTemplate[] }

export type TemplateReport = {
  /** The templates that count, by name. Empty when the model has none. */
  readonly templates: ReadonlyMap<string, FoundTemplate>
  /** Everything found, places in order of precedence: the first non-empty place is the one that counts. */
  readonly places: readonly TemplatePlace[]
  /** Places that are outranked and say something else than the place that counts: worth telling the user. */
  readonly contradicted: readonly string[]
}

/** @param places in order of precedence; empty ones are left out */
export function reportOf(places: readonly TemplatePlace[]): TemplateReport {
  const filled = places.filter((place) => place.templates.length > 0)
  const [first, ...outranked] = filled
  const templates = new Map((first?.templates ?? []).map((template) => [template.name, template]))
  const contradicted = outranked.filter((place) => place.templates.some((other) => templates.get(other.name)?.source !== other.source))
  return { templates, places: filled, contradicted: contradicted.map((place) => place.place) }
}

/**
 * Chooses as transformers' `get_chat_template`: by name if one is asked for, else `tool_use` for a chat with tools, else `default`.
 * @throws FsError `chat-format/template-missing` that lists the names there are; nothing is guessed
 */
export function chooseTemplate(report: TemplateReport, want: { readonly name?: string; readonly tools?: boolean } = {}): FoundTemplate {
  const { templates } = report
  const chosen =
    want.name === undefined ? ((want.tools ? templates.get('tool_use') : undefined) ?? templates.get('default')) : templates.get(want.name)
  if (chosen !== undefined) return chosen
  const names = [...templates.keys()]
  if (names.length === 0) {
    throw fail(
      'chat-format/template-missing',
      'the model has no chat template; pass one, or choose a preset format (PLAIN, LLAMA, GEMMA, QWEN)',
    )
  }
  const wanted = want.name === undefined ? 'a default chat template' : `a chat template named "${want.name}"`
  throw fail('chat-format/template-missing', `the model has no ${wanted.replace(/^an? /, '')}; it has: ${names.join(', ')}`, { names })
}
