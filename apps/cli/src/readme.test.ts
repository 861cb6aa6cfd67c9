import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { withoutAliases } from './commands/convert/aliases.ts'
import { tell, useFolder } from './test-support/terminal.test-support.ts'

const folder = useFolder()
const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8')
const calls = [...readme.matchAll(/^fartsovka (.+)$/gm)].map(([, rest]) =>
  (rest!.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')),
)

/** The command a call names, as words: `hub collection add` has three. */
async function commandOf(words: readonly string[]): Promise<readonly string[]> {
  let path: readonly string[] = []
  for (const word of words) {
    const { out } = await tell(folder.path, [...path, '--help'])
    if (!new RegExp(`^ {2}${word} `, 'm').test(out.slice(Math.max(0, out.indexOf('Commands:'))))) return path
    path = [...path, word]
  }
  return path
}

test('every example of the README calls a command that exists, with options it has', async () => {
  expect(calls.length).toBeGreaterThan(15)
  for (const words of calls) {
    const path = await commandOf(words)
    expect(path.length, words.join(' ')).toBeGreaterThan(0)
    const { out } = await tell(folder.path, [...path, '--help'])
    for (const option of withoutAliases(words).filter((word) => /^--?[a-z]/.test(word)))
      expect(out, words.join(' ')).toMatch(new RegExp(`(^|[ ,])${option}[ ,\n]`, 'm'))
  }
})

test('every command has an example in the README', async () => {
  const { out } = await tell(folder.path, ['--help'])
  const names = [...(/^Commands:\n((?: {2}.*\n)*)/m.exec(out)?.[1] ?? '').matchAll(/^ {2}([a-z][a-z-]+) /gm)].map((match) => match[1]!)
  for (const name of names.filter((command) => command !== 'help')) expect(calls.map(([command]) => command)).toContain(name)
})
