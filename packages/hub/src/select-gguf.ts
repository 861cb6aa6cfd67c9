// Which GGUF file of a repository a quantization's name means, with all parts of a split one.
// It reads names only; what type the tensors really have is known when the file is opened.
import { hubError } from './errors.ts'
import { shortList } from './failures.ts'
import type { HubFile, Listing } from './listing.ts'

/** A split file's ending, as llama-gguf-split writes it: `-00001-of-00003.gguf`. */
const SPLIT = /-(\d{5})-of-(\d{5})\.gguf$/

/** Short names llama-quantize takes for the medium mix (tools/quantize/quantize.cpp). */
const MEDIUM: ReadonlySet<string> = new Set(['Q3_K', 'Q4_K', 'Q5_K'])

/** Names of GGUF files that hold a language model: not vision projectors, importance matrices or bare vocabularies. */
export function ggufNames(files: ReadonlyMap<string, HubFile>): readonly string[] {
  return [...files.keys()].filter((name) => name.endsWith('.gguf') && !/(^|[-._/])(mmproj|imatrix|ggml-vocab)([-._]|$)/i.test(name))
}

/**
 * The file, or the parts of the split file, that `quant` names; without `quant` the only one there is. Names are compared in any
 * case and as whole words, so Q4_K does not find Q4_K_S; Q3_K, Q4_K and Q5_K stand for their medium mix where nothing has that very name.
 * @throws FsError `hub/quant-needed`, `hub/quant-not-found`, `hub/ambiguous-weights`, `hub/missing-shard`
 */
export function selectGguf({ repository, files }: Listing, quant?: string): readonly string[] {
  const models = Map.groupBy(ggufNames(files), (name) => name.replace(SPLIT, '.gguf'))
  const found = quant === undefined ? [...models.keys()] : matching([...models.keys()], quant, (model) => models.get(model) ?? [])
  const [model] = found
  if (model === undefined)
    throw hubError(
      'hub/quant-not-found',
      `${repository} has no GGUF file for ${quant}; it has ${models.size === 0 ? 'none at all' : shortList([...models.keys()])}`,
      {
        repository,
        available: [...models.keys()],
      },
    )
  if (found.length > 1) {
    const code = quant === undefined ? 'hub/quant-needed' : 'hub/ambiguous-weights'
    const advice =
      quant === undefined ? `name one, as in ${repository}:Q8_0` : `name the file, as in ${repository}:${model.split('/').at(-1)}`
    throw hubError(
      code,
      `${repository} has several GGUF files${quant === undefined ? '' : ` for ${quant}`} (${shortList(found)}); ${advice}`,
      { repository, available: found },
    )
  }
  return completeSplit(repository, models.get(model) ?? [])
}

function matching(models: readonly string[], quant: string, partsOf: (model: string) => readonly string[]): readonly string[] {
  if (/\.gguf$/i.test(quant))
    return models.filter((model) => [model, ...partsOf(model)].some((name) => name === quant || name.endsWith(`/${quant}`)))
  const exact = models.filter((model) => hasWord(model, quant))
  return exact.length === 0 && MEDIUM.has(quant.toUpperCase()) ? models.filter((model) => hasWord(model, `${quant}_M`)) : exact
}

/** True when `word` stands in the file's own name between separators; `_` belongs to quantization names, so it ends none. */
function hasWord(path: string, word: string): boolean {
  const name = (path.split('/').at(-1) ?? '').replace(/\.gguf$/, '').toUpperCase()
  for (let at = name.indexOf(word.toUpperCase()); at >= 0; at = name.indexOf(word.toUpperCase(), at + 1)) {
    const before = name[at - 1] ?? '-'
    const after = name[at + word.length] ?? '-'
    if (/[-._]/.test(before) && /[-.]/.test(after)) return true
  }
  return false
}

/** All parts in order. @throws FsError `hub/missing-shard` */
function completeSplit(repository: string, parts: readonly string[]): readonly string[] {
  const [first] = parts
  const [, , count] = SPLIT.exec(first ?? '') ?? []
  if (first === undefined || count === undefined) return parts
  const wanted = Array.from({ length: Number(count) }, (_, index) =>
    first.replace(SPLIT, `-${String(index + 1).padStart(5, '0')}-of-${count}.gguf`),
  )
  const missing = wanted.find((name) => !parts.includes(name))
  if (missing === undefined) return wanted
  throw hubError('hub/missing-shard', `${repository} lacks ${missing}, a part of a split GGUF file; ask its owner to upload it`, {
    repository,
    missing,
  })
}
