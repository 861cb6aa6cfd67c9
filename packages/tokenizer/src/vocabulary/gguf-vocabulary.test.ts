import { createHash } from 'node:crypto'
import type { MetadataValue } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { hasShared, sharedFiles, sharedText, WITHOUT_SHARED } from '../shared.test-support.ts'
import { ggufVocabulary } from './gguf-vocabulary.ts'
import type { VocabularyTraits } from './options.ts'
import { pythonJson } from './python-json.test-support.ts'

type Reference = {
  readonly files: {
    readonly f32: {
      readonly metadata: Record<
        string,
        { readonly types: readonly string[]; readonly value?: unknown; readonly length?: number; readonly sha256?: string }
      >
    }
  }
}

const flag = (value: boolean): MetadataValue => ({ type: 'BOOL', value })
const spacePrefixOff = { after: new Map([['tokenizer.ggml.add_space_prefix', flag(false)]]) }

/** What each family's row says; the architectures of `@fs/arch-*` carry the same. */
const families: Record<string, VocabularyTraits> = {
  bert: { before: new Map([['tokenizer.ggml.token_type_count', { type: 'UINT32', value: 2 }]]) },
  'gemma-2': spacePrefixOff,
  'gemma-3': spacePrefixOff,
  'gpt-neox': { preferredPre: 'olmo' },
  gpt2: { preferredPre: 'gpt-2' },
  'llama-2': { spacePrefix: 'from tokenizer_config.json' },
  'llama-3.2': { preferredPre: 'llama-bpe', spacePrefix: 'from tokenizer_config.json' },
  mistral: { spacePrefix: 'from tokenizer_config.json' },
  mpt: { preferredPre: 'mpt' },
  'phi-2': { preferredPre: 'gpt-2', before: new Map([['tokenizer.ggml.add_bos_token', flag(false)]]) },
  'phi-3': { addedTokens: 'tokenizer.json' },
  'qwen2.5': { preferredPre: 'qwen2' },
  qwen3: { preferredPre: 'qwen2' },
}

/** A value in the reference's form: long arrays by length and digest of Python's JSON. */
function summary(value: MetadataValue) {
  if (value.type !== 'ARRAY') return { types: [value.type], value: value.value }
  const values = Array.from(value.value as ArrayLike<string | number>, (item) =>
    value.of === 'FLOAT32' ? Math.fround(item as number) : item,
  )
  const sha256 = createHash('sha256')
    .update(pythonJson(values, value.of === 'FLOAT32'))
    .digest('hex')
  return { types: ['ARRAY', value.of], length: values.length, sha256 }
}

describe.skipIf(!hasShared('fixtures/models'))(`equal to llama.cpp's converter (${WITHOUT_SHARED})`, () => {
  test.each(Object.keys(families))('%s: every tokenizer key, its value, type and order', (name) => {
    const folder = `fixtures/models/${name}`
    const reference = JSON.parse(sharedText(`${folder}/gguf-reference.json`)!) as Reference
    const expected = Object.entries(reference.files.f32.metadata).filter(([key]) => key.startsWith('tokenizer.'))
    const config = JSON.parse(sharedText(`${folder}/config.json`)!) as { vocab_size: number }
    const chatTemplates = sharedText(`${folder}/chat_template.jinja`)
    const { metadata, report } = ggufVocabulary(sharedFiles(folder), {
      rows: config.vocab_size,
      traits: families[name]!,
      ...(chatTemplates !== undefined && { chatTemplates }),
    })
    expect([...metadata.keys()]).toEqual(expected.map(([key]) => key))
    for (const [key, { types, value, length, sha256 }] of expected) {
      expect(summary(metadata.get(key)!), key).toEqual(length === undefined ? { types, value } : { types, length, sha256 })
    }
    expect(report.probes).toEqual({ equal: report.probes.all, all: report.probes.all })
  })
})
