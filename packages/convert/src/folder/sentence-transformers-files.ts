// The files by which sentence-transformers knows how an encoder's token vectors become one: the way back of `../sentence-transformers.ts`.
import type { EncoderSpec } from '@fs/arch'
import { denseConfig } from '@fs/arch/sentence-transformers'
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

/** The folders of an encoder's linear layers, in order, as sentence-transformers numbers them. */
export const denseFolders = (spec: EncoderSpec): readonly string[] => spec.dense.map((_, index) => `${index + 2}_Dense`)

/** The weights of the linear layers are not among the files: see `denseFolders`. */
export function sentenceTransformersFiles(spec: EncoderSpec): ReadonlyMap<string, Uint8Array> {
  if (spec.pooling === 'none') return new Map()
  const modes = Object.fromEntries(Object.entries(MODES).map(([pooling, mode]) => [mode, pooling === spec.pooling]))
  const folders = denseFolders(spec)
  const modules = [
    module(0, '', 'Transformer'),
    module(1, '1_Pooling', 'Pooling'),
    ...folders.map((path, index) => module(index + 2, path, 'Dense')),
  ]
  if (spec.normalize) modules.push(module(modules.length, `${modules.length}_Normalize`, 'Normalize'))
  return new Map([
    ['modules.json', jsonFile(modules)],
    ['1_Pooling/config.json', jsonFile({ word_embedding_dimension: spec.hiddenSize, ...modes })],
    ['sentence_bert_config.json', jsonFile({ max_seq_length: spec.contextLength, do_lower_case: false })],
    ...spec.dense.map((layer, index) => [`${folders[index]}/config.json`, jsonFile(denseConfig(layer))] as const),
  ])
}
