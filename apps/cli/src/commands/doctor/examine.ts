// What is commonly wrong in published GGUF files: found from the header alone, each with the metadata that would put it right.
// Broken structure is `validate`'s business; whether the numbers are right, `verify`'s.
import { answerEnd, compileTemplate, renderText } from '@fs/chat-format'
import { findTemplatesInMetadata } from '@fs/chat-format/find'
import { type Checkpoint, FsError, type MetadataValue } from '@fs/core'
import { stopTokens } from '@fs/decode/settings'
import { BUILT_IN_TEXT } from '@fs/eval'
import type { Tokenizer } from '@fs/tokenizer'
import { tokenizerFromGguf } from '@fs/tokenizer/gguf'

/** What is wrong, and the entries that repair it; none where only a person can know. */
export type Finding = { readonly code: FindingCode; readonly message: string; readonly repair: ReadonlyMap<string, MetadataValue> }

export const FINDING_CODES = [
  'no-tokenizer',
  'no-pre-tokenizer',
  'tokenizer-unreadable',
  'tokenizer-differs',
  'vocabulary-size',
  'special-token',
  'no-template',
  'template-broken',
  'template-foreign',
  'template-differs',
  'doubled-beginning',
  'end-of-turn',
  'stale-record',
] as const

export type FindingCode = (typeof FINDING_CODES)[number]

/** What the file was made from, as a conversion of it would write it. */
export type Source = { readonly tokenizer: Tokenizer; readonly metadata: ReadonlyMap<string, MetadataValue> }

type Metadata = ReadonlyMap<string, MetadataValue>

const TEMPLATE = 'tokenizer.chat_template'
const NOTHING: Metadata = new Map()

/** Texts in which pre-tokenizers disagree: digits, contractions, spaces, line ends, other scripts. */
const PROBES = [
  'Anna:\nCome here!\n\nBen (softly):\nWhy? "Now," she said.\n',
  BUILT_IN_TEXT,
  '1234567 3.14 1,000',
  "I'm you're WE'LL don’t",
  '  two   spaces\n\n\ttabs \r\n',
  '你好，世界 สวัสดี 🦙👩‍👩‍👧 café naïve',
  '<p>x_y = f(a[0]);</p>',
]

export function examine(checkpoint: Checkpoint, source: Source | undefined): readonly Finding[] {
  const metadata = checkpoint.metadata ?? NOTHING
  const fromSource = (pattern: RegExp): Metadata => new Map([...(source?.metadata ?? [])].filter(([key]) => pattern.test(key)))
  if (text(metadata, 'tokenizer.ggml.model') === undefined) {
    const repair = fromSource(/^tokenizer\./)
    return [{ code: 'no-tokenizer', message: `the file has no tokenizer${advice(repair)}`, repair }]
  }
  const findings: Finding[] = []
  if (text(metadata, 'tokenizer.ggml.model') === 'gpt2' && !metadata.has('tokenizer.ggml.pre')) {
    const repair = fromSource(/^tokenizer\.ggml\.pre$/)
    findings.push({
      code: 'no-pre-tokenizer',
      message: `tokenizer.ggml.pre is missing, so words are cut by a guess and texts get wrong ids${advice(repair)}`,
      repair,
    })
  }
  const tokenizer = read(() => tokenizerFromGguf(metadata, checkpoint.name))
  if (typeof tokenizer === 'string') {
    const repair = fromSource(/^tokenizer\.ggml\./)
    return [...findings, { code: 'tokenizer-unreadable', message: `${tokenizer}${advice(repair)}`, repair }]
  }
  const differing = source === undefined ? undefined : PROBES.find((probe) => encode(tokenizer, probe) !== encode(source.tokenizer, probe))
  if (differing !== undefined) {
    findings.push({
      code: 'tokenizer-differs',
      message: `the tokenizer encodes ${JSON.stringify(differing.slice(0, 40))} differently from its source; --repair takes the source's`,
      repair: fromSource(/^tokenizer\.ggml\./),
    })
  }
  return [
    ...findings,
    ...vocabulary(checkpoint, tokenizer),
    ...specialTokens(metadata, tokenizer),
    ...templates(metadata, tokenizer, source),
  ]
}

function vocabulary({ tensors }: Checkpoint, tokenizer: Tokenizer): readonly Finding[] {
  const rows = tensors.tensors.get('token_embd.weight')?.shape[0]
  if (rows === undefined || rows === tokenizer.vocabularySize) return []
  const message = `the tokenizer has ${tokenizer.vocabularySize} tokens and the embedding ${rows} rows; convert the model again`
  return [{ code: 'vocabulary-size', message, repair: NOTHING }]
}

function specialTokens(metadata: Metadata, tokenizer: Tokenizer): readonly Finding[] {
  return [...metadata].flatMap(([key, value]): readonly Finding[] => {
    const role = /^tokenizer\.ggml\.(\w+)_token_id$/.exec(key)?.[1]
    if (role === undefined || typeof value.value !== 'number' || value.value < tokenizer.vocabularySize) return []
    const message = `${key} is ${value.value}, and the vocabulary ends at ${tokenizer.vocabularySize - 1}; set it with quantize copy --override-kv`
    return [{ code: 'special-token', message, repair: NOTHING }]
  })
}

function templates(metadata: Metadata, tokenizer: Tokenizer, source: Source | undefined): readonly Finding[] {
  const original = source?.metadata.get(TEMPLATE)
  const repair: Metadata = original === undefined ? NOTHING : new Map([[TEMPLATE, original]])
  const report = findTemplatesInMetadata(metadata)
  const found = report.templates.get('default')
  if (found === undefined) {
    if (source !== undefined && original === undefined) return []
    const message = `there is no chat template, so chats are formatted by guess${advice(repair)}; a base model needs none`
    return [{ code: 'no-template', message, repair }]
  }
  const template = read(() => compileTemplate(found.source, found.place))
  if (typeof template === 'string') return [{ code: 'template-broken', message: `${template}${advice(repair)}`, repair }]
  if (original !== undefined && original.value !== found.source)
    return [{ code: 'template-differs', message: "the chat template is not the source's; --repair takes the source's", repair }]
  // A source that has the same template is itself so.
  const foreign =
    original !== undefined
      ? undefined
      : ['<|im_start|>', '<|start_header_id|>', '<start_of_turn>'].find(
          (marker) => found.source.includes(marker) && tokenizer.tokenToId(marker) === undefined,
        )
  if (foreign !== undefined) {
    const message = `the chat template writes ${foreign}, which is no token of this model: it is another model's${advice(repair)}`
    return [{ code: 'template-foreign', message, repair }]
  }
  const names = Object.fromEntries(
    Object.entries(tokenizer.special).flatMap(([role, id]) => {
      const token = id === undefined ? undefined : tokenizer.idToToken(id)
      return token === undefined ? [] : [[`${role}_token`, token]]
    }),
  )
  const findings: Finding[] = []
  const beginning = names.bos_token
  const prompt = read(() => renderText(template, { messages: [{ role: 'user', content: 'x' }], specialTokens: names }))
  if (tokenizer.addBos && beginning !== undefined && prompt.startsWith(beginning)) {
    const without = found.source.replace(/^(\s*)\{\{-?\s*bos_token\s*-?\}\}/, '$1')
    const fixed: Metadata = without === found.source ? NOTHING : new Map([[TEMPLATE, { type: 'STRING', value: without }]])
    const message = `the tokenizer begins texts with ${beginning} and so does the chat template: chats begin with two${fixed.size > 0 ? "; --repair takes the template's away" : ''}`
    findings.push({ code: 'doubled-beginning', message, repair: fixed })
  }
  const end = answerEnd(template, names)
  const [first] = end === undefined ? [] : tokenizer.encodeSegments([{ type: 'special', text: end }])
  if (first !== undefined && tokenizer.isSpecial(first) && !stopTokens(tokenizer, { special: tokenizer.special }).includes(first)) {
    findings.push({
      code: 'end-of-turn',
      message: `the chat template ends answers with ${tokenizer.idToToken(first)}, which no key names as an end: answers run on; --repair sets tokenizer.ggml.eot_token_id`,
      repair: new Map([['tokenizer.ggml.eot_token_id', { type: 'UINT32', value: first }]]),
    })
  }
  return findings
}

function text(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)
  return value?.type === 'STRING' ? value.value : undefined
}

const encode = (tokenizer: Tokenizer, probe: string) => tokenizer.encode(probe, { addSpecialTokens: true }).join()

const advice = (repair: Metadata) => (repair.size > 0 ? "; --repair takes the source's" : '; give --source, the model it was made from')

/** The result, or why there is none. */
function read<Result>(make: () => Result): Result | string {
  try {
    return make()
  } catch (error) {
    if (FsError.is(error)) return error.message
    throw error
  }
}
