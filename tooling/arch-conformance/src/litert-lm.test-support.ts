// Bundles for LiteRT-LM's engine, with tokenizers that show what the engine does: it takes and gives text, so ids have to be readable in it.
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OpenedModel, openModel } from '@fs/convert'
import { type BundleOverrides, planLitertlm } from '@fs/convert/litertlm'
import { writeLitertlm } from '@fs/convert/node'
import type { Checkpoint } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { openPath } from '@fs/formats/node'
import { type ChatMessage, type LiteRtLmModel, openLiteRtLmModel } from '@fs/runtime/litert-lm'
import { loadLiteRtLm } from '@fs/runtime/litert-lm/node'

/** A tokenizer in which every id is the text `<id>`, and no text is two ways to write ids. */
function numberTokenizer(size: number): string {
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Split', pattern: { Regex: '<\\d+>' }, behavior: 'Isolated', invert: false },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: { type: 'WordLevel', vocab: Object.fromEntries(Array.from({ length: size }, (_, id) => [asText([id]), id])), unk_token: '<0>' },
  })
}

export const asText = (ids: readonly number[]): string => ids.map((id) => `<${id}>`).join('')
export const asIds = (text: string): readonly number[] => [...text.matchAll(/<(\d+)>/g)].map(([, id]) => Number(id))

/** The checkpoint with other files of text beside its weights; those that say how texts and chats are written are left out. */
function withTexts(checkpoint: Checkpoint, texts: { readonly [name: string]: string }): Checkpoint {
  const bytes = new Map(Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)]))
  const { folder } = checkpoint
  const others = [...folder.files].filter(([name]) => !/token|vocab|merges|chat_template/.test(name))
  return {
    ...checkpoint,
    folder: {
      ...folder,
      files: new Map([...others, ...[...bytes].map(([name, { length }]) => [name, { size: length }] as const)]),
      open: async (name) => (bytes.has(name) ? memorySource(bytes.get(name)!, name) : folder.open(name)),
    },
  }
}

/** A folder's model with other texts beside its weights. */
export async function openWithTexts(path: string, texts: { readonly [name: string]: string }): Promise<OpenedModel> {
  return openModel(withTexts(await openPath(path), texts))
}

/** A folder's model with the tokenizer of numbers, and a chat template where one is given. */
export async function openNumbered(path: string, template?: string): Promise<OpenedModel> {
  const checkpoint = await openPath(path)
  const { description } = await openModel(checkpoint)
  const tokenizer = { 'tokenizer.json': numberTokenizer(description.spec.vocabularySize) }
  return openModel(withTexts(checkpoint, template === undefined ? tokenizer : { ...tokenizer, 'chat_template.jinja': template }))
}

/** Converts a model, gives the file to the engine, and removes it. */
export async function openConverted(model: OpenedModel, overrides: BundleOverrides): Promise<LiteRtLmModel> {
  const folder = mkdtempSync(join(tmpdir(), 'litert-lm-'))
  try {
    const path = join(folder, 'model.litertlm')
    await writeLitertlm(model, await planLitertlm(model, { quantization: 'none', prefillLengths: [8, 32, 128], overrides }), path)
    return await openLiteRtLmModel(await loadLiteRtLm(), { bundle: await openAsBlob(path), name: path })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * The prompts the engine renders with the template we give a bundle. The engine shows none, but an exception's words: so the template
 * renders as it does, and then refuses with what it has rendered.
 */
export async function openPrompts(model: OpenedModel): Promise<{
  readonly promptOf: (messages: readonly ChatMessage[]) => Promise<string>
  readonly dispose: () => Promise<void>
}> {
  const { metadata } = await planLitertlm(model, { quantization: 'none', prefillLengths: [8] })
  const refusing = `{% set prompt %}${metadata.jinjaTemplate}{% endset %}{{ raise_exception(prompt) }}`
  const engine = await openConverted(model, { jinja_template: refusing })
  return {
    promptOf: async (messages) => {
      try {
        for await (const text of engine.answer(messages)) throw new Error(`the engine answered ${text}`)
      } catch (error) {
        const prompt = /Failed to apply template: invalid operation: ([\s\S]*) \(in template:\d+\)/.exec((error as Error).message)?.[1]
        if (prompt !== undefined) return prompt
        throw error
      }
      throw new Error('the engine did not apply the template')
    },
    dispose: () => engine.dispose(),
  }
}
