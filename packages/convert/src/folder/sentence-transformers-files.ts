// The files by which sentence-transformers knows how an encoder's token vectors become one: the way back of `../sentence-transformers.ts`.
import type { EncoderSpec } from '@fs/arch'
import { convertError } from '../errors.ts'
import { jsonFile } from './json-file.ts'

const MODES = {
  mean: 'pooling_mode_mean_tokens',
  first: 'pooling_mode_cls_token',
  last: 'pooling_mode_lasttoken',
} as const satisfies { readonly [Pooling in Exclude<EncoderSpec['pooling'], 'none'>]: string }

const module = (index: number, path: string, type: string) => ({
  idx: index,
  name: String(index),
  path,
  type: `sentence_transformers.models.${type}`,
})

/** @throws FsError `convert/module-unsupported` for dense layers, whose weights would need a folder of their own */
export function sentenceTransformersFiles(spec: EncoderSpec): ReadonlyMap<string, Uint8Array> {
  if (spec.dense.length > 0) {
    throw convertError(
      'convert/module-unsupported',
      'the model has dense layers after pooling, which a Hugging Face folder keeps apart from the model and this version does not write',
      { module: 'Dense' },
    )
  }
  if (spec.pooling === 'none') return new Map()
  const modes = Object.fromEntries(Object.entries(MODES).map(([pooling, mode]) => [mode, pooling === spec.pooling]))
  const modules = [module(0, '', 'Transformer'), module(1, '1_Pooling', 'Pooling')]
  if (spec.normalize) modules.push(module(2, '2_Normalize', 'Normalize'))
  return new Map([
    ['modules.json', jsonFile(modules)],
    ['1_Pooling/config.json', jsonFile({ word_embedding_dimension: spec.hiddenSize, ...modes })],
    ['sentence_bert_config.json', jsonFile({ max_seq_length: spec.contextLength, do_lower_case: false })],
  ])
}
