// What a TypeScript module imports and exports, from its syntax tree.
// It resolves nothing and follows nothing; `import-graph.ts` does.
import { parseSync } from 'oxc-parser'
import { readText } from './workspace.ts'

export type Import = {
  readonly specifier: string
  /** True when nothing of it is left at run time (`import type`, `export type … from`). */
  readonly typeOnly: boolean
}

export type Module = {
  readonly imports: readonly Import[]
  readonly hasDefaultExport: boolean
  /** Texts of the comments, without their marks. */
  readonly comments: readonly string[]
}

const modules = new Map<string, Module>()

/**
 * Imports and exports of one file, named relative to the root. Files are parsed once.
 * @throws Error when the file does not parse.
 */
export function readModule(path: string): Module {
  const known = modules.get(path)
  if (known !== undefined) return known
  const read = parseModule(path, readText(path))
  modules.set(path, read)
  return read
}

/** What `text` imports and exports. An `import()` of a name computed at run time is not among the imports. */
export function parseModule(path: string, text: string): Module {
  const { module, errors, comments } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const imports: Import[] = []
  for (const item of module.staticImports) {
    const typeOnly = item.entries.length > 0 && item.entries.every((entry) => entry.isType)
    imports.push({ specifier: item.moduleRequest.value, typeOnly })
  }
  let hasDefaultExport = false
  for (const item of module.staticExports) {
    for (const entry of item.entries) {
      if (entry.exportName.kind === 'Default' || entry.exportName.name === 'default') hasDefaultExport = true
      if (entry.moduleRequest) imports.push({ specifier: entry.moduleRequest.value, typeOnly: entry.isType })
    }
  }
  for (const item of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(text.slice(item.moduleRequest.start, item.moduleRequest.end).trim())
    if (literal?.[2] !== undefined) imports.push({ specifier: literal[2], typeOnly: false })
  }
  return { imports, hasDefaultExport, comments: comments.map(({ value }) => value) }
}
