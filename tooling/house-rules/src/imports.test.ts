import { expect, test } from 'vitest'
import { builtinsReached } from './import-graph.ts'
import { parseModule } from './imports.ts'

test('imports are found in every form, and types told from values', () => {
  const { imports } = parseModule(
    'example.ts',
    `
    // import { not } from 'a-comment'
    import 'effect'
    import { value, type Type } from 'mixed'
    import type { Only } from 'types'
    import { type One, type Two } from 'inline-types'
    import * as space from 'space'
    export { again } from 'exported'
    export type { Again } from 'exported-types'
    export * from 'all'
    const text = "import { not } from 'a-string'"
    const lazy = await import('lazy')
    `,
  )
  expect(imports.filter(({ typeOnly }) => !typeOnly).map(({ specifier }) => specifier)).toEqual([
    'effect',
    'mixed',
    'space',
    'exported',
    'all',
    'lazy',
  ])
  expect(imports.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual(['types', 'inline-types', 'exported-types'])
})

test('a default export is seen in each of its spellings', () => {
  for (const text of ['export default 1', 'const a = 1\nexport { a as default }', "export { default } from 'b'"]) {
    expect(parseModule('example.ts', text).hasDefaultExport, text).toBe(true)
  }
  expect(parseModule('example.ts', 'export const a = 1').hasDefaultExport).toBe(false)
})

test('a built-in of Node is reported with the way that leads to it', () => {
  const here = 'tooling/house-rules/src'
  const [first] = builtinsReached(`${here}/import-graph.ts`)
  expect(first).toEqual({ builtin: 'node:module', chain: [`${here}/import-graph.ts`] })
  expect(builtinsReached(`${here}/imports.ts`)).toContainEqual({
    builtin: 'node:fs',
    chain: [`${here}/imports.ts`, `${here}/workspace.ts`],
  })
})
