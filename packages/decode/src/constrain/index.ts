// Constraints: what a completion has to match. Each is made once for a tokenizer and used for any number of completions.
import type { Json } from '@fs/core'
import type { TextCodec } from '../codec.ts'
import { fail } from '../errors.ts'
import type { Constraint } from './constraint.ts'
import { parseGbnf } from './gbnf.ts'
import { either, type Grammar, text } from './grammar.ts'
import { grammarConstraint } from './grammar-constraint.ts'
import type { JsonWhitespace } from './json-schema/json.ts'
import { schemaGrammar } from './json-schema/schema.ts'
import { patternMatch } from './pattern.ts'

export type { Constraint, ConstraintState } from './constraint.ts'
export { parseGbnf } from './gbnf.ts'
export type { Grammar, GrammarNode } from './grammar.ts'
export { grammarConstraint } from './grammar-constraint.ts'
export type { JsonWhitespace } from './json-schema/json.ts'
export { schemaGrammar } from './json-schema/schema.ts'
export { grammarMatcher, type Match } from './matcher.ts'

/**
 * JSON that satisfies a schema; `true` for any JSON. @throws FsError `decode/bad-schema`, `decode/unsupported-schema`,
 * `decode/grammar-too-complex`
 */
export function jsonSchemaConstraint(schema: Json, codec: TextCodec, whitespace: JsonWhitespace = 'any'): Constraint {
  return grammarConstraint(schemaGrammar(schema, whitespace), codec)
}

/** Text of a grammar in llama.cpp's notation. @throws FsError `decode/bad-grammar`, `decode/grammar-too-complex` */
export function gbnfConstraint(source: string, codec: TextCodec): Constraint {
  return grammarConstraint(parseGbnf(source), codec)
}

/** Text that a regular expression matches from beginning to end. @throws FsError `decode/bad-grammar`, `decode/grammar-too-complex` */
export function patternConstraint(pattern: string, codec: TextCodec): Constraint {
  const grammar: Grammar = new Map([['root', patternMatch(pattern)]])
  return grammarConstraint(grammar, codec)
}

/** One of these texts. @throws FsError `decode/bad-grammar` when there is none */
export function choiceConstraint(choices: readonly string[], codec: TextCodec): Constraint {
  if (choices.length === 0) throw fail('decode/bad-grammar', 'there is nothing to choose from')
  return grammarConstraint(new Map([['root', either(...choices.map(text))]]), codec)
}
