// Checkpoints of llama2.c and the tokenizer file beside them.
import type { Checkpoint, Folder, MetadataValue } from '@fs/core'
import { readLlama2cTokenizer } from '@fs/formats/llama2c'
import { DIALECTS } from '@fs/registry'
import { ggufVocabularyFromScoredTokens } from '@fs/tokenizer/legacy'
import type { SourceTensor } from '../source-tensor.ts'
import type { SourceReader } from './model-source.ts'
import { settingsUnder, translate, viewOf } from './translate.ts'

/** `tokenizer.bin`, or `tok512.bin` for a model with a vocabulary of its own. */
const TOKENIZER = /^tok\w*\.bin$/

export const readLlama2c: SourceReader = async (checkpoint) => {
  if (checkpoint.container !== 'llama2c') return undefined
  const settings = settingsUnder(checkpoint.metadata, 'llama2c.')
  const tensors = dequantized(checkpoint.tensors.tensors, settings.get('group_size'))
  const source = translate(DIALECTS.llama2c, viewOf(settings, tensors, checkpoint.name), checkpoint, tensors)
  const vocabulary = await vocabularyBeside(checkpoint.folder, settings.get('vocab_size'))
  return vocabulary === undefined ? source : { ...source, checkpoint: { ...source.checkpoint, metadata: vocabulary } satisfies Checkpoint }
}

/** Version 2 has levels and scales, in groups that run on from row to row (dequantize of runq.c). */
function dequantized(stored: ReadonlyMap<string, SourceTensor>, groupSize: unknown): ReadonlyMap<string, SourceTensor> {
  if (typeof groupSize !== 'number') return stored
  return new Map(
    [...stored].flatMap(([name, levels]): readonly [string, SourceTensor][] => {
      if (name.endsWith('.scales')) return []
      const scales = stored.get(name.replace(/weight$/, 'scales'))
      if (scales === undefined || scales === levels) return [[name, levels]]
      const formula = { kind: 'running-scaled', blockSize: groupSize } as const
      return [[name, { name, type: 'F32', shape: levels.shape, formula, operands: [levels, scales] }]]
    }),
  )
}

/** The first tokenizer file with as many tokens as the model has; others lie there for other models. */
async function vocabularyBeside(folder: Folder, tokens: unknown): Promise<ReadonlyMap<string, MetadataValue> | undefined> {
  for (const name of [...folder.files.keys()].filter((file) => TOKENIZER.test(file)).sort()) {
    const file = await folder.open(name)
    try {
      const tokenizer = await readLlama2cTokenizer(file)
      if (tokenizer.tokens.length === tokens) return ggufVocabularyFromScoredTokens(tokenizer.tokens, tokenizer.scores, name)
    } finally {
      await file.close()
    }
  }
  return undefined
}
