// Checks of a chat template against what a model needs, by rendering chats through it. Each finding says what will go wrong and why.
// It does not judge taste, and a template without findings may still be the wrong one: compare it with the original (`compare.ts`).

import { FsError, type Segment } from '@fs/core'
import { compileTemplate, renderSegments } from '../render.ts'
import { PROBE_WORDS, PROBES, type ProbeName } from './probes.ts'

export const TEMPLATE_FINDINGS = {
  unreadable: { severity: 'error', meaning: 'The template can not be read.' },
  fails: { severity: 'error', meaning: 'A single question can not be rendered.' },
  'question-lost': { severity: 'error', meaning: 'The question is not in the prompt.' },
  'doubled-bos': { severity: 'warning', meaning: 'Template and tokenizer both add the beginning-of-sequence token.' },
  'missing-bos': { severity: 'warning', meaning: 'Neither template nor tokenizer adds the beginning-of-sequence token.' },
  'missing-generation-prompt': {
    severity: 'warning',
    meaning: 'add_generation_prompt changes nothing, so the model may write the next question itself.',
  },
  'open-answer': { severity: 'warning', meaning: 'Nothing ends an answer, so the model was not shown where to stop.' },
  'unknown-token': { severity: 'warning', meaning: 'The template writes a control token the vocabulary does not have.' },
  'history-lost': { severity: 'warning', meaning: 'An earlier answer is not in the prompt.' },
  'byte-order-mark': { severity: 'warning', meaning: 'The template starts with a byte order mark, which becomes part of every prompt.' },
  'system-refused': { severity: 'note', meaning: 'The template refuses system messages.' },
  'system-lost': { severity: 'warning', meaning: 'The template drops system messages in silence.' },
  'tools-ignored': { severity: 'note', meaning: 'Tools are not written into the prompt.' },
  'time-dependent': { severity: 'note', meaning: 'The prompt depends on the date, so runs are repeatable only with a fixed one.' },
} as const satisfies { readonly [code: string]: { readonly severity: 'error' | 'warning' | 'note'; readonly meaning: string } }

export type TemplateFinding = {
  readonly code: keyof typeof TEMPLATE_FINDINGS
  readonly severity: 'error' | 'warning' | 'note'
  readonly message: string
}

export type LintContext = {
  /** What messages call the template. */
  readonly name?: string
  readonly specialTokens?: { readonly [name: string]: string }
  /** Whether the tokenizer puts `bos_token` in front of a text by itself (`add_bos_token`). Unknown when absent. */
  readonly tokenizerAddsBos?: boolean
  /** Whether the vocabulary has this control token. Unknown when absent. */
  readonly hasToken?: (token: string) => boolean
}

/** Never throws for what a template does; @returns findings, errors first */
export function lintTemplate(source: string, context: LintContext = {}): TemplateFinding[] {
  const codes = new Map<TemplateFinding['code'], string>()
  const find = (code: TemplateFinding['code'], more = '') => codes.set(code, more)
  const render = prober(source, context)
  if (source.startsWith('\ufeff')) find('byte-order-mark')
  const question = render('question')
  if (question instanceof FsError) {
    const unreadable = question.code === 'chat-format/template-syntax' || question.code === 'chat-format/limit-source'
    find(unreadable ? 'unreadable' : 'fails', question.message)
  } else {
    checkBeginning(joined(question), context, find)
    checkTurns(render, question, find)
    checkExtras(render, question, find)
    checkTokens(question, context, find)
  }
  return (Object.keys(TEMPLATE_FINDINGS) as TemplateFinding['code'][]).flatMap((code) => {
    const more = codes.get(code)
    const { severity, meaning } = TEMPLATE_FINDINGS[code]
    return more === undefined
      ? []
      : [{ code, severity, message: `${context.name ?? 'the chat template'}: ${meaning}${more === '' ? '' : ` (${more})`}` }]
  })
}

type Find = (code: TemplateFinding['code'], more?: string) => void
type Probed = Segment[] | FsError
type Render = (probe: ProbeName, now?: Date) => Probed

const joined = (segments: readonly Segment[]): string => segments.map((segment) => segment.text).join('')

function prober(source: string, { specialTokens }: LintContext): Render {
  return (probe, now = new Date(2024, 6, 26)) => {
    try {
      return renderSegments(compileTemplate(source), { ...PROBES[probe], specialTokens, now })
    } catch (error) {
      if (error instanceof FsError) return error
      throw error
    }
  }
}

function checkBeginning(text: string, { specialTokens, tokenizerAddsBos }: LintContext, find: Find): void {
  const bos = specialTokens?.bos_token
  if (bos === undefined || bos === '') return
  if (text.startsWith(bos) && (tokenizerAddsBos || text.startsWith(bos, bos.length))) find('doubled-bos', bos)
  if (!text.startsWith(bos) && tokenizerAddsBos === false) find('missing-bos', bos)
}

function checkTurns(render: Render, question: Segment[], find: Find): void {
  if (!joined(question).includes(PROBE_WORDS.question)) find('question-lost')
  const closed = render('closed')
  if (!(closed instanceof FsError) && joined(closed) === joined(question)) find('missing-generation-prompt')
  const answered = render('answered')
  if (!(answered instanceof FsError) && answered.at(-1)?.type === 'text') find('open-answer')
  const turns = render('turns')
  if (!(turns instanceof FsError) && !joined(turns).includes(PROBE_WORDS.answer)) find('history-lost')
}

function checkExtras(render: Render, question: Segment[], find: Find): void {
  const system = render('system')
  if (system instanceof FsError) find('system-refused', system.message)
  else if (!joined(system).includes(PROBE_WORDS.system)) find('system-lost')
  const tools = render('tools')
  if (!(tools instanceof FsError) && !joined(tools).includes(PROBE_WORDS.tool)) find('tools-ignored')
  const later = render('question', new Date(2031, 1, 3, 4, 5, 6))
  if (!(later instanceof FsError) && joined(later) !== joined(question)) find('time-dependent')
}

/** Control tokens by their common spellings: `<|im_start|>`, `<start_of_turn>`, `[INST]`. */
const CONTROL_TOKEN = /<\|[^<>|\s]+\|>|<[a-z]+(?:_[a-z]+)+>|\[\/?[A-Z_]+\]/g

function checkTokens(question: Segment[], { hasToken }: LintContext, find: Find): void {
  if (hasToken === undefined) return
  const written = question.flatMap((segment) => (segment.type === 'special' ? (segment.text.match(CONTROL_TOKEN) ?? []) : []))
  const unknown = [...new Set(written)].filter((token) => !hasToken(token))
  if (unknown.length > 0) find('unknown-token', unknown.join(', '))
}
