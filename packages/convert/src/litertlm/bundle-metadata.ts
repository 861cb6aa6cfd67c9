// What a bundle says of an opened model: where texts start and end, how chats are written, how tokens are chosen.
import type { Notice } from '@fs/arch'
import { answerEnd, compileTemplate } from '@fs/chat-format'
import { chooseTemplate } from '@fs/chat-format/find'
import { settingsFromGenerationConfig, stopTokens } from '@fs/decode/settings'
import type { LlmMetadata, MetadataToken } from '@fs/litertlm/metadata'
import type { SpecialIds, Tokenizer } from '@fs/tokenizer'
import { chatTemplatesOf } from '../folder/chat-templates.ts'
import { generationSettings } from '../folder/generation-settings.ts'
import type { OpenedModel } from '../open-model.ts'
import type { BundleOverrides } from './overrides.ts'
import { familyPreset } from './presets.ts'
import { bundlePrompt } from './prompt.ts'
import { samplerOf } from './sampler.ts'

export type BundleTokenizer = { readonly tokenizer: Tokenizer; readonly special: SpecialIds }

/**
 * @param maxTokens positions of the cache: a larger promise would be broken
 * @throws FsError `chat-format/template-file`, `chat-format/template-syntax`
 */
export async function bundleMetadata(
  model: OpenedModel,
  { tokenizer, special }: BundleTokenizer,
  maxTokens: number,
  overrides: BundleOverrides,
): Promise<{ readonly metadata: LlmMetadata; readonly notices: readonly Notice[] }> {
  const preset = familyPreset(model.description.architecture.id)
  const specialTokens = specialTexts(tokenizer, special)
  const report = await chatTemplatesOf(model)
  const prompt = bundlePrompt(report, specialTokens)
  const generation = (await generationSettings(model, special)) ?? {}
  const { config, ignored } = settingsFromGenerationConfig(generation)
  const found = samplerOf(config, tokenizer.vocabularySize)
  const end = report.templates.has('default') ? answerEnd(compileTemplate(chooseTemplate(report).source), specialTokens) : undefined
  const named = (preset.stopTokens ?? []).map((name) => tokenizer.tokenToId(name))
  const stops = named.every((id) => id !== undefined) && named.length > 0 ? named : undefined
  const ends =
    overrides.stop_tokens ?? stops ?? stopTokens(tokenizer, { configs: [generation, model.checkpoint.config], special, answerEnd: end })
  const start = overrides.start_token === undefined ? startOf(tokenizer, special, prompt.writesStart) : (overrides.start_token ?? undefined)
  const jinja = overrides.jinja_template === undefined ? prompt.jinjaTemplate : (overrides.jinja_template ?? undefined)
  const templates = overrides.prompt_templates ?? prompt.promptTemplates
  const lost = preset.sampler === undefined && overrides.sampler === undefined ? [...found.lost, ...ignored] : []
  return {
    metadata: {
      ...(start === undefined ? {} : { startToken: token(start) }),
      stopTokens: ends.map(token),
      ...(templates === undefined ? {} : { promptTemplates: withoutUndefined(templates) }),
      sampler: { ...(preset.sampler ?? found.sampler), ...withoutUndefined(overrides.sampler ?? {}) },
      maxTokens: overrides.max_tokens ?? maxTokens,
      modelType: overrides.model_type ?? preset.modelType,
      ...(jinja === undefined ? {} : { jinjaTemplate: jinja }),
      channels: [],
    },
    notices: [
      ...(overrides.jinja_template === undefined ? prompt.notices : []),
      ...lost.map((name) => ({ code: 'convert/bundle-sampler', message: `a bundle has no place for the setting ${name}; it is left out` })),
    ],
  }
}

const token = (id: number): MetadataToken => ({ ids: [id] })

/** A start token counts where the tokenizer puts it before every text, or the model's template before every chat. */
function startOf({ addBos }: Tokenizer, { bos }: SpecialIds, writesStart: boolean): number | undefined {
  return addBos || writesStart ? bos : undefined
}

function specialTexts({ idToToken }: Tokenizer, special: SpecialIds): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(special).flatMap(([role, id]) => {
      const text = id === undefined ? undefined : idToToken(id)
      return text === undefined ? [] : [[`${role}_token`, text]]
    }),
  )
}

/** Optional keys of a parsed object are there with undefined now and then; exact types want them gone. */
function withoutUndefined<Value extends object>(value: Value): { readonly [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as {
    readonly [Key in keyof Value]: Exclude<Value[Key], undefined>
  }
}
