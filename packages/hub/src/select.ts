// Which files of a repository a conversion needs: the description, the tokenizer, and one set of weights. Nothing else is downloaded.
// It decides by names and the weights' own index; GGUF quantizations are chosen in `select-gguf.ts`.
import { unsafePathReason } from '@fs/core'
import { hubError } from './errors.ts'
import { shortList } from './failures.ts'
import type { Listing } from './listing.ts'
import { ggufNames, selectGguf } from './select-gguf.ts'

/** A repository as a selector sees it. */
export type Repository = Listing & {
  /** Contents of one small file of the listing. */
  readText(path: string): Promise<string>
}

/** Names the files of `repository` that are needed. May read an index to know. */
export type FileSelector = (repository: Repository) => Promise<readonly string[]>

/**
 * Files beside the weights, where transformers 5 and llama.cpp's converter look for configuration, tokenizer, chat template, pooling
 * and model card (`tokenization_utils_base.py`; `conversion/base.py` and `gguf-py/gguf/metadata.py` of llama.cpp v0.5.0).
 */
const COMPANIONS: readonly RegExp[] = [
  /^(adapter_)?config\.json$/,
  /^(generation_config|params|modules)\.json$/,
  // Settings of GPTQ, AWQ and ModelOpt from before config.json had a place for them.
  /^(quantize_config|quant_config|hf_quant_config)\.json$/,
  /^\d+_Pooling\/config\.json$/,
  /^\d+_Dense\/(config\.json|model\.safetensors|pytorch_model\.bin)$/,
  /^README\.md$/,
  /^(tokenizer|tokenizer_config|special_tokens_map|added_tokens|tekken)\.json$/,
  /^(tokenizer\.model|spiece\.model|sentencepiece\.bpe\.model)$/,
  /^(vocab\.json|vocab\.txt|merges\.txt)$/,
  /^(chat_template\.jinja|chat_template\.json|processor_config\.json)$/,
  /^additional_chat_templates\/[^/]+\.jinja$/,
]

/** One set of weights, by file name; the first kind present is taken. Single files go before shards, as in transformers' `from_pretrained`. */
const WEIGHTS: readonly ({ readonly file: RegExp } | { readonly index: string })[] = [
  { file: /^model\.safetensors$/ },
  { index: 'model.safetensors.index.json' },
  { file: /^(?!adapter_)[^/]+\.safetensors$/ },
  { file: /^pytorch_model\.bin$/ },
  { index: 'pytorch_model.bin.index.json' },
  { file: /^consolidated\.\d+\.pth$/ },
  { file: /^[^/]+\.(pth|pt)$/ },
  { file: /^ggml[^/]*\.bin$/ },
  { file: /^adapter_model\.safetensors$/ },
  { file: /^adapter_model\.bin$/ },
]

/** Weights kept in parts that belong together without an index. */
const TOGETHER = /^consolidated\.\d+\.pth$/

/**
 * Everything a conversion of this repository reads: with `quant` the GGUF file of that name (all parts of a split one), else
 * companions and one set of weights, safetensors before PyTorch files before GGUF.
 * @returns a selector that throws FsError `hub/no-weights`, `hub/ambiguous-weights`, `hub/missing-shard`, `hub/unsafe-name`, or those of `selectGguf`
 */
export function selectModel(quant?: string): FileSelector {
  return async (repository) => {
    if (quant !== undefined) return selectGguf(repository, quant)
    const weights = await selectWeights(repository)
    if (weights === undefined) {
      if (ggufNames(repository.files).length > 0) return selectGguf(repository)
      throw hubError(
        'hub/no-weights',
        `${repository.repository} holds no safetensors, PyTorch or GGUF weights; is it the right repository?`,
        { repository: repository.repository },
      )
    }
    const companions = [...repository.files.keys()].filter((name) => COMPANIONS.some((pattern) => pattern.test(name)))
    return [...new Set([...companions, ...weights])]
  }
}

/**
 * Exactly the named files.
 * @returns a selector that throws FsError `hub/file-not-found`
 */
export function selectNamed(names: readonly string[]): FileSelector {
  return async ({ repository, commit, files }) => {
    const missing = names.find((name) => !files.has(name))
    if (missing === undefined) return names
    throw hubError('hub/file-not-found', `${repository} has no ${missing} at ${commit}; look at its list of files`, {
      repository,
      file: missing,
    })
  }
}

async function selectWeights(repository: Repository): Promise<readonly string[] | undefined> {
  for (const kind of WEIGHTS) {
    if ('index' in kind) {
      if (repository.files.has(kind.index)) return [kind.index, ...(await shardsOf(repository, kind.index))]
      continue
    }
    const names = [...repository.files.keys()].filter((name) => kind.file.test(name))
    if (names.length === 1 || (names.length > 0 && names.every((name) => TOGETHER.test(name)))) return names
    if (names.length > 1)
      throw hubError(
        'hub/ambiguous-weights',
        `${repository.repository} holds several sets of weights (${shortList(names)}) and no index; download one and convert the file`,
        {
          repository: repository.repository,
          files: names,
        },
      )
  }
  return undefined
}

/** The files an index of transformers points at: the distinct values of its `weight_map`. */
async function shardsOf(repository: Repository, index: string): Promise<readonly string[]> {
  const map = weightMap(await repository.readText(index))
  if (map === undefined)
    throw hubError(
      'hub/bad-answer',
      `${index} of ${repository.repository} is not an index: it has no "weight_map" of file names; tell the repository's owner`,
      { file: index },
    )
  const shards = [...new Set(map)]
  for (const shard of shards) {
    const reason = unsafePathReason(shard)
    if (reason !== undefined)
      throw hubError(
        'hub/unsafe-name',
        `${index} of ${repository.repository} names a shard ${JSON.stringify(shard)}, which ${reason}; do not use this repository`,
        { file: index, name: shard },
      )
    if (!repository.files.has(shard))
      throw hubError(
        'hub/missing-shard',
        `${index} of ${repository.repository} names ${shard}, which the repository lacks; ask its owner to upload it`,
        { file: index, missing: shard },
      )
  }
  return shards
}

function weightMap(text: string): readonly string[] | undefined {
  try {
    const values = Object.values((JSON.parse(text) as { weight_map: object }).weight_map)
    return values.length > 0 && values.every((value) => typeof value === 'string') ? values : undefined
  } catch {
    return undefined
  }
}
