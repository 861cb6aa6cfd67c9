// From template source to a syntax tree, by the lexer and parser of `@huggingface/jinja`. Nothing is evaluated here.
// The library's classes carry `type: string`; the union below is the same tree with types a switch can be checked against.
import { parse, tokenize } from '@huggingface/jinja'
import { fail } from '../errors.ts'

export type Identifier = { readonly type: 'Identifier'; readonly value: string }
export type Slice = {
  readonly type: 'SliceExpression'
  readonly start: Expression | undefined
  readonly stop: Expression | undefined
  readonly step: Expression | undefined
}
export type Call = { readonly type: 'CallExpression'; readonly callee: Expression; readonly args: readonly Argument[] }
export type Filter = Identifier | Call
export type KeywordArgument = { readonly type: 'KeywordArgumentExpression'; readonly key: Identifier; readonly value: Expression }
export type Argument =
  | Expression
  | KeywordArgument
  | { readonly type: 'SpreadExpression'; readonly argument: Expression }
  | { readonly type: 'KeywordSpreadExpression'; readonly argument: Expression }
export type Parameter = Identifier | KeywordArgument

export type Expression =
  | { readonly type: 'IntegerLiteral' | 'FloatLiteral'; readonly value: number }
  | { readonly type: 'StringLiteral'; readonly value: string }
  | { readonly type: 'ArrayLiteral' | 'TupleLiteral'; readonly value: readonly Expression[] }
  | { readonly type: 'ObjectLiteral'; readonly value: ReadonlyMap<Expression, Expression> }
  | Identifier
  | { readonly type: 'MemberExpression'; readonly object: Expression; readonly property: Expression | Slice; readonly computed: boolean }
  | Call
  | {
      readonly type: 'BinaryExpression'
      readonly operator: { readonly value: string }
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly type: 'UnaryExpression'; readonly operator: { readonly value: string }; readonly argument: Expression }
  | { readonly type: 'FilterExpression'; readonly operand: Expression; readonly filter: Filter }
  | { readonly type: 'TestExpression'; readonly operand: Expression; readonly negate: boolean; readonly test: Identifier }
  | { readonly type: 'SelectExpression'; readonly lhs: Expression; readonly test: Expression }
  | { readonly type: 'Ternary'; readonly condition: Expression; readonly trueExpr: Expression; readonly falseExpr: Expression }

/** `For` and `Macro` bodies open a scope of their own; `If` does not. */
export type Statement =
  | Expression
  | { readonly type: 'Comment' | 'Break' | 'Continue' }
  | { readonly type: 'If'; readonly test: Expression; readonly body: readonly Statement[]; readonly alternate: readonly Statement[] }
  | {
      readonly type: 'For'
      readonly loopvar: Expression
      readonly iterable: Expression
      readonly body: readonly Statement[]
      readonly defaultBlock: readonly Statement[]
    }
  | { readonly type: 'Set'; readonly assignee: Expression; readonly value: Expression | null; readonly body: readonly Statement[] }
  | { readonly type: 'Macro'; readonly name: Identifier; readonly args: readonly Parameter[]; readonly body: readonly Statement[] }
  | {
      readonly type: 'CallStatement'
      readonly call: Call
      readonly callerArgs: readonly Parameter[] | null
      readonly body: readonly Statement[]
    }
  | { readonly type: 'FilterStatement'; readonly filter: Filter; readonly body: readonly Statement[] }

/** The longest template read; gpt-oss's, among the largest in use, is 16 thousand characters. */
export const MAX_SOURCE_CHARACTERS = 262_144
/**
 * The longest run of white space read. The library looks for `generation` tags with an expression that starts with `\s*`, which takes time
 * quadratic in the run: 256 Ki spaces would hold the process for a minute.
 */
const MAX_BLANK_RUN = 1024

/**
 * Reads a template. Line ends become `\n` and one at the end is dropped, blocks are trimmed (`trim_blocks`, `lstrip_blocks`), as
 * transformers sets Jinja up.
 * @throws FsError `chat-format/limit-source`, `chat-format/template-syntax`
 */
export function parseTemplate(source: string, name: string): readonly Statement[] {
  if (source.length > MAX_SOURCE_CHARACTERS) {
    throw fail('chat-format/limit-source', `${name} has ${source.length} characters; a chat template may have ${MAX_SOURCE_CHARACTERS}`, {
      length: source.length,
      limit: MAX_SOURCE_CHARACTERS,
    })
  }
  for (const { 0: run, index } of source.matchAll(/\s+/g)) {
    if (run.length > MAX_BLANK_RUN) {
      throw fail(
        'chat-format/limit-source',
        `${name} has ${run.length} blanks in a row at ${index}; a chat template may have ${MAX_BLANK_RUN}`,
        {
          offset: index,
          limit: MAX_BLANK_RUN,
        },
      )
    }
  }
  try {
    const tokens = tokenize(withoutGenerationTags(source.replace(/\r\n?/g, '\n')), { lstrip_blocks: true, trim_blocks: true })
    return parse(tokens).body as unknown as readonly Statement[]
  } catch (error) {
    const reason = error instanceof RangeError ? 'it nests too deeply' : error instanceof Error ? error.message : String(error)
    throw fail('chat-format/template-syntax', `${name} is not a Jinja template that can be read: ${reason}`, {}, error)
  }
}

/**
 * transformers' `{% generation %}` marks what the model wrote, for training masks. The library drops the tags too, but forgets the
 * white space between two of them; as an `if` they keep their whitespace control.
 */
function withoutGenerationTags(source: string): string {
  return source.replace(/\{%(-?)\s*(end)?generation\s*(-?)%\}/g, (_tag, before: string, end: string | undefined, after: string) => {
    return `{%${before} ${end === undefined ? 'if true' : 'endif'} ${after}%}`
  })
}
