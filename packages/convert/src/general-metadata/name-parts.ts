// Reads basename, size, fine-tune and version out of a model's name, as llama.cpp's converter does
// (gguf-py/gguf/metadata.py, get_model_id_components). It guesses; nothing else in the toolkit relies on it.

export type NameParts = {
  readonly name: string | undefined
  readonly organization: string | undefined
  readonly basename: string | undefined
  readonly finetune: string | undefined
  readonly version: string | undefined
  readonly sizeLabel: string | undefined
}

type Kind = 'basename' | 'sizeLabel' | 'finetune' | 'version' | 'type'
type Part = { text: string; readonly kinds: Set<Kind> }

const VERSION = /^(v|iter)?\d+([.]\d+)*$/i
const TYPE = /^(i?q\d(_\w)*|b?fp?(16|32))$/i
const SIZE = /^((([A]|\d+[x])?\d+([._]\d+)?[KMBT][\d]?)|small|mini|medium|large|x?xl)$/i
const FINETUNE = /^(chat|instruct|vision|lora)$/i

/**
 * @param id `org/name` or a bare name
 * @param parameters the model's parameter count: a "size" far from it is a context length ("128k"), so part of the fine-tune's name
 */
export function namePartsOf(id: string, parameters: number): NameParts {
  const nothing = { organization: undefined, basename: undefined, finetune: undefined, version: undefined, sizeLabel: undefined }
  if (id.includes(' ')) return { name: id, ...nothing }
  const slash = id.indexOf('/')
  const name = slash < 0 ? id : id.slice(slash + 1)
  const owner = slash < 0 ? undefined : id.slice(0, slash)
  const parts: Part[] = name
    .split('-')
    .filter((text) => text.length > 0)
    .map((text) => ({ text, kinds: new Set() }))
  for (const [position, part] of parts.entries()) annotate(part, position, parameters)
  preferNumericSizes(parts)
  markBasename(parts)
  const joined = (pick: (part: Part) => boolean) => [...parts.filter(pick).map((part) => part.text)].join('-') || undefined
  const sizeLabel = [...new Set(parts.filter((part) => part.kinds.has('sizeLabel')).map((part) => part.text))].join('-') || undefined
  const finetune = joined((part) => part.kinds.has('finetune'))
  const version = joined((part) => part.kinds.has('version') && !part.kinds.has('basename'))
  const told = sizeLabel !== undefined || finetune !== undefined || version !== undefined
  return {
    name,
    organization: owner?.startsWith('.') ? undefined : owner,
    basename: told ? joined((part) => part.kinds.has('basename')) : undefined,
    finetune,
    version,
    sizeLabel,
  }
}

function annotate(part: Part, position: number, parameters: number): void {
  if (VERSION.test(part.text)) part.kinds.add('version')
  else if (TYPE.test(part.text)) {
    part.kinds.add('type')
    part.text = part.text.toUpperCase()
  } else if (position > 0 && SIZE.test(part.text)) annotateSize(part, parameters)
  else if (position > 0 && FINETUNE.test(part.text)) part.kinds.add('finetune')
}

function annotateSize(part: Part, parameters: number): void {
  let text = part.text.replaceAll('_', '.')
  // "7b1" means 7.1b (bloom-7b1).
  if (/\d$/.test(text)) text = `${text.slice(0, -2)}.${text.at(-1)}${text.at(-2)}`
  if (/\d[kmbt]$/.test(text)) text = text.slice(0, -1) + text.slice(-1).toUpperCase()
  const count = Number(text.slice(0, -1)) * 1000 ** ' KMBT'.indexOf(text.slice(-1))
  const farOff =
    parameters > 0 && text.length > 1 && Number.isFinite(count) && Math.abs(count - parameters) > Math.floor((7 * parameters) / 8)
  part.text = farOff ? text.slice(0, -1) + text.slice(-1).toLowerCase() : text
  part.kinds.add(farOff ? 'finetune' : 'sizeLabel')
}

/** "small" says nothing beside "1B". */
function preferNumericSizes(parts: readonly Part[]): void {
  const sizes = parts.filter((part) => part.kinds.has('sizeLabel'))
  if (!sizes.some((part) => /\d/.test(part.text))) return
  for (const part of sizes) if (/^\p{L}+$/u.test(part.text)) part.kinds.delete('sizeLabel')
}

function markBasename(parts: readonly Part[]): void {
  let atStart = true
  for (const { text, kinds } of parts) {
    if (atStart && ((kinds.size === 0 && /^\p{L}/u.test(text)) || kinds.has('version'))) kinds.add('basename')
    else {
      atStart = false
      if (kinds.size === 0) kinds.add('finetune')
    }
  }
  // A version at the end of the basename is a version only.
  for (const { kinds } of [...parts].reverse()) {
    if (kinds.has('basename') && kinds.size > 1) kinds.delete('basename')
    else break
  }
}

/** "tiny-llama 1.1b" to "Tiny Llama 1.1b": words in lower case are capitalised, versions and acronyms left (metadata.py, id_to_title). */
export function titleOf(id: string): string {
  return id
    .trim()
    .replaceAll('-', ' ')
    .split(/\s+/)
    .filter((word) => word.length > 0)
    .map((word) => (isLower(word) && !/^(v\d+(?:\.\d+)*|\d.*)$/.test(word) ? pythonTitle(word) : word))
    .join(' ')
}

const isLower = (word: string): boolean => /\p{L}/u.test(word) && word === word.toLowerCase()

/** Python's str.title(): the first letter of every run of letters is upper case, the rest lower. */
const pythonTitle = (word: string): string =>
  word.replace(/\p{L}+/gu, (letters) => letters[0]!.toUpperCase() + letters.slice(1).toLowerCase())
