// Finds the name to write as `tokenizer.ggml.pre`: by the structure of tokenizer.json, confirmed by encoding texts both ways.
// It never guesses: without a name under which llama.cpp gives the same ids, it fails and says which names come nearest.
import { fail } from '../errors.ts'
import { bytePairTokenizers } from '../gguf/byte-pair.ts'
import type { GgufVocabulary } from '../gguf/read.ts'
import type { HuggingFaceTokenizer } from '../huggingface/tokenizer-json.ts'
import { isPreTokenizerName, PRE_TOKENIZERS, type PreTokenizer, type PreTokenizerName } from '../pre-tokenizers/names.ts'
import { type SplitterName, splitterPatterns, splitWords } from '../pre-tokenizers/splitters.ts'
import type { Tokenizer } from '../tokenizer.ts'
import { probesFor, sameIds } from './probes.ts'
import { knownSplitter } from './structure.ts'

export type PreTokenizerFinding = {
  /** The value of `tokenizer.ggml.pre`. */
  readonly pre: PreTokenizerName
  /** Why this name: the user said so, the family's among those that cut alike, tokenizer.json's stages are known, or the ids alone. */
  readonly chosenBy: 'user' | 'family' | 'structure' | 'ids'
  /** Other names under which llama.cpp does the same. */
  readonly alike: readonly string[]
  /** Probe texts whose ids are equal under this name, of all that were tried. */
  readonly probes: { readonly equal: number; readonly all: number }
  /** What else there is to know, in sentences: what llama.cpp cannot do that tokenizer.json asks for. */
  readonly notes: readonly string[]
}

type Candidate = {
  readonly names: readonly PreTokenizerName[]
  readonly pre: PreTokenizer
  readonly equal: number
  readonly words: boolean
  readonly differs?: string
}

/** Names that do the same, together; bos is written to the file, so it does not set names apart. */
function behaviours(): readonly (readonly PreTokenizerName[])[] {
  const groups = new Map<string, PreTokenizerName[]>()
  for (const name of Object.keys(PRE_TOKENIZERS) as PreTokenizerName[]) {
    const pre: PreTokenizer = PRE_TOKENIZERS[name]
    const key = `${pre.splitter} ${pre.ignoreMerges === true} ${pre.spaced === true}`
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  return [...groups.values()]
}

/**
 * @param vocabulary the GGUF vocabulary as it would be written.
 * @throws FsError when the user's name is unknown, or no name gives the ids of tokenizer.json.
 */
export function findPreTokenizer(
  source: HuggingFaceTokenizer,
  tokenizer: Tokenizer,
  vocabulary: GgufVocabulary,
  wish: { readonly user?: string; readonly family?: string },
): PreTokenizerFinding {
  const { texts, notes } = probesFor(source)
  const expected = texts.map((text) => tokenizer.encode(text, { addSpecialTokens: false }))
  const encoders = bytePairTokenizers(vocabulary)
  const structure = knownSplitter(source.json.optional('pre_tokenizer'))

  // Where only one side takes whole words for tokens first, that changes nothing if merges make every token anyway.
  let everyTokenMerges: boolean | undefined
  const wholeWordsAgree = (pre: PreTokenizer) => {
    if ((pre.ignoreMerges === true) === source.model.ignoreMerges || pre.spaced === true) return true
    everyTokenMerges ??= mergesMakeEveryToken(source, tokenizer)
    return everyTokenMerges
  }

  const judge = (names: readonly PreTokenizerName[]): Candidate => {
    const pre: PreTokenizer = PRE_TOKENIZERS[names[0]!]
    const encoder = encoders.under(pre)
    let equal = 0
    let differs: string | undefined
    texts.forEach((text, index) => {
      if (sameIds(encoder.encode(text, { addSpecialTokens: false }), expected[index]!)) equal++
      else differs ??= text
    })
    const compatible = wholeWordsAgree(pre)
    if (!compatible) differs ??= 'words that are tokens but that no merges make'
    return {
      names,
      pre,
      equal: compatible ? equal : Math.min(equal, texts.length - 1),
      words: sameWords(source, pre, texts),
      ...(differs !== undefined && { differs }),
    }
  }

  if (wish.user !== undefined) {
    if (!isPreTokenizerName(wish.user)) throw unknownName(wish.user)
    const user = wish.user
    const group = behaviours().find((names) => names.includes(user))!
    const { equal, differs } = judge([user])
    const warning =
      differs === undefined
        ? []
        : [`Under the name "${user}" llama.cpp cuts texts otherwise than tokenizer.json, for one: ${shown(differs)}.`]
    return { pre: user, chosenBy: 'user', alike: others(group, user), probes: { equal, all: texts.length }, notes: [...notes, ...warning] }
  }

  const candidates = behaviours().map(judge)
  const fitting = candidates.filter(({ equal }) => equal === texts.length)
  const found = (candidate: Candidate, name: PreTokenizerName, chosenBy: PreTokenizerFinding['chosenBy']): PreTokenizerFinding => ({
    pre: name,
    chosenBy,
    alike: others(candidate.names, name),
    probes: { equal: candidate.equal, all: texts.length },
    notes,
  })
  const family = wish.family
  const ofFamily = fitting.find(({ names }) => names.some((name) => name === family))
  if (ofFamily !== undefined) return found(ofFamily, family as PreTokenizerName, 'family')
  const structured = preferred(fitting, structure, source.model.ignoreMerges)
  if (structured !== undefined) return found(structured, structured.names[0]!, structure === undefined ? 'ids' : 'structure')
  throw undetermined(candidates, texts.length)
}

/** Of names that fit: the known structure's, else those whose words are the same too, with the file's own `ignore_merges` if possible. */
function preferred(fitting: readonly Candidate[], structure: SplitterName | undefined, ignoreMerges: boolean): Candidate | undefined {
  const ofStructure = fitting.filter(({ pre }) => pre.splitter === structure)
  const withWords = fitting.filter(({ words }) => words)
  const pool = ofStructure.length > 0 ? ofStructure : withWords.length > 0 ? withWords : fitting
  return pool.find(({ pre }) => (pre.ignoreMerges === true) === ignoreMerges) ?? pool[0]
}

function sameWords(source: HuggingFaceTokenizer, pre: PreTokenizer, texts: readonly string[]): boolean {
  const patterns = splitterPatterns(pre.splitter)
  return texts.every((text) => {
    const theirs = source.preTokenizer.words(text, 0)
    const ours = splitWords(text, patterns)
    return ours.length === theirs.length && ours.every((word, index) => word === theirs[index])
  })
}

function mergesMakeEveryToken(source: HuggingFaceTokenizer, tokenizer: Tokenizer): boolean {
  const made = new Set(source.model.merges.results)
  return source.model.vocabulary.tokens.every(
    (token, id) => token === undefined || Array.from(token).length < 2 || made.has(id) || tokenizer.isSpecial(id),
  )
}

const others = (names: readonly string[], but: string) => names.filter((name) => name !== but)

const shown = (text: string) => JSON.stringify(text.length > 50 ? `${text.slice(0, 50)}…` : text)

function unknownName(name: string) {
  const known = Object.keys(PRE_TOKENIZERS)
  const near = known.filter((other) => name !== '' && (other.includes(name) || name.includes(other.slice(0, 4))))
  const hint = near.length > 0 ? `near it: ${near.join(', ')}` : `it knows ${known.toSorted().join(', ')}`
  return fail('tokenizer/no-such-pre', `"${name}" is no pre-tokenizer llama.cpp knows; ${hint}`, { name, near })
}

function undetermined(candidates: readonly Candidate[], all: number) {
  const near = [...candidates].sort((a, b) => b.equal - a.equal).slice(0, 3)
  const list = near.map(({ names, equal, differs }) => `${names[0]} (${equal} of ${all} texts equal; differs on ${shown(differs ?? '')})`)
  return fail(
    'tokenizer/pre-undetermined',
    `tokenizer.json cuts words in a way llama.cpp has no name for, so the file would encode texts wrongly; nearest are ${list.join(', ')}; choose one with --pre to write it all the same`,
    { near: near.map(({ names }) => names[0]!) },
  )
}
