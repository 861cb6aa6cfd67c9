// The text of a new architecture's file, made from that of an existing one: what describes the mechanism is kept, what is known of
// the old family's published models is not. It reads and writes no files.
import { type Node, parseSync } from 'oxc-parser'
import type { ArchNames } from './names.ts'

/** Properties of `defineArch({ … })` that say how a model works; the others say which models there are. */
const kept = ['aliases', 'ignored', 'fields', 'describe', 'weights', 'derivedTensors'] as const

type Span = { readonly start: number; readonly end: number }

/**
 * @param source text of the existing architecture's file
 * @param relocate gives the specifier of a relative import as seen from the new file
 * @throws Error when the source holds no `export const … = defineArch({ … })`
 */
export function skeleton(source: string, from: ArchNames, to: ArchNames, relocate: (specifier: string) => string): string {
  const { program } = parseSync(`${from.id}.ts`, source)
  const text = ({ start, end }: Span): string => source.slice(start, end)
  const isDefinition = (statement: Node): boolean => statement.type === 'ExportNamedDeclaration' && text(statement).includes('defineArch(')
  const definition = program.body.find(isDefinition)
  if (definition === undefined) throw new Error(`${from.id}.ts does not define an architecture with defineArch`)

  const properties = propertiesOf(definition, text)
  const body = kept.flatMap((name) => properties.get(name) ?? [])
  const statements = program.body.filter((statement) => statement !== definition && statement.type !== 'ImportDeclaration')
  const helpers = usedStatements(statements.map(text), body.join('\n'))
  const used = [...helpers, ...body, 'defineArch'].join('\n')
  const imports = program.body.flatMap((statement) => {
    if (statement.type !== 'ImportDeclaration') return []
    const names = statement.specifiers.filter(({ local }) => mentions(used, local.name)).map(text)
    if (names.length === 0) return []
    const keyword = statement.importKind === 'type' ? 'import type' : 'import'
    return [`${keyword} { ${names.join(', ')} } from '${relocate(statement.source.value)}'`]
  })
  return `// ${to.title}: started from ${from.title}; what differs is said here.
// Facts: transformers modeling_${to.snake}.py; llama.cpp src/models/${to.id}.cpp.
${imports.join('\n')}

${helpers.map((helper) => `${helper}\n\n`).join('')}export const ${to.camel} = defineArch({
  id: '${to.id}',
  title: '${to.title}',
  ggufArchitecture: '${to.id.replaceAll('-', '')}',
  huggingFaceArchitectures: ['${to.pascal}ForCausalLM'],
  modelTypes: ['${to.snake}'],
  checkpoints: [],
  ${body.join(',\n  ')},
})
`
}

/** The text of each property of the object handed to `defineArch`, by name. */
function propertiesOf(definition: Node, text: (span: Span) => string): ReadonlyMap<string, string> {
  if (definition.type !== 'ExportNamedDeclaration' || definition.declaration?.type !== 'VariableDeclaration') return new Map()
  const call = definition.declaration.declarations[0]?.init
  const argument = call?.type === 'CallExpression' ? call.arguments[0] : undefined
  if (argument?.type !== 'ObjectExpression') return new Map()
  return new Map(
    argument.properties.flatMap((property) =>
      property.type === 'Property' && property.key.type === 'Identifier' ? [[property.key.name, text(property)] as const] : [],
    ),
  )
}

/** Those statements whose names the text, or another used statement, mentions; in their order. */
function usedStatements(statements: readonly string[], text: string): readonly string[] {
  const named = statements.map((statement) => ({
    statement,
    name: /^(?:export )?(?:const|function|type) (\w+)/.exec(statement)?.[1] ?? '',
  }))
  const isUsed = (name: string): boolean =>
    mentions(text, name) || named.some((other) => other.name !== name && mentions(other.statement, name) && isUsed(other.name))
  return named.filter(({ name }) => isUsed(name)).map(({ statement }) => statement)
}

function mentions(text: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text)
}
