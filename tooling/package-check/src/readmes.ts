// The examples of the packages' READMEs, run as a stranger would: against what is published, printing what the comments say.
// A block marked `ts` is run in the repository's root; one marked `ts no-run` (it needs a server, or a model) is compiled only.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Packed, ROOT } from './pack.ts'

export type Example = {
  /** `@fs/quant README example 1` */
  readonly name: string
  /** The file it was written to. */
  readonly path: string
  readonly code: string
  readonly runs: boolean
}

/** Writes the examples of every README beside the unpacked packages. */
export function writeExamples(outside: string, packages: readonly Packed[]): readonly Example[] {
  return packages.flatMap(({ unpacked, manifest }) => {
    const readme = join(unpacked, 'README.md')
    if (!existsSync(readme)) return []
    const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```ts( no-run)?\n([\s\S]*?)^```$/gm)]
    return blocks.map(([, mark, code = ''], index) => {
      const path = join(outside, `readme-${manifest.name.slice('@fs/'.length)}-${index + 1}.ts`)
      writeFileSync(path, `${code}\nexport {}\n`)
      return { name: `${manifest.name} README example ${index + 1}`, path, code, runs: mark === undefined }
    })
  })
}

/** What each `console.log(…) // said` promises, in order; a comment may go on after what is printed. */
function promisedLines(code: string): readonly string[] {
  return [...code.matchAll(/console\.log\(.*\) \/\/ (.+)$/gm)].map(([, said = '']) => said)
}

/** Problems found by running the examples: they must end well, and print what their comments say. */
export function runExamples(examples: readonly Example[]): readonly string[] {
  return examples
    .filter(({ runs }) => runs)
    .flatMap(({ name, path, code }) => {
      let printed: readonly string[]
      try {
        printed = execFileSync(process.execPath, [path], {
          cwd: ROOT,
          encoding: 'utf8',
          timeout: 60_000,
          stdio: ['ignore', 'pipe', 'pipe'],
        }).split('\n')
      } catch (error) {
        return [`${name} does not run: ${(error as { stderr?: string }).stderr?.trim() || error}`]
      }
      const promised = promisedLines(code)
      return promised.flatMap((said, index) => {
        const line = printed[index] ?? ''
        return line !== '' && said.startsWith(line) ? [] : [`${name} says it prints "${said}", but prints "${line}"`]
      })
    })
}
