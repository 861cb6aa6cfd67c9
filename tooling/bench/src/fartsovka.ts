// Our own command as people run it: the built code, with the flags of its first line. Running from sources would time the taking off of types too.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from './section.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** Builds all packages, so that what is measured is what is written. */
export function buildAll(): void {
  execFileSync('pnpm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** A call of the command line. */
export function fartsovka(...args: readonly string[]): Command {
  return { program: process.execPath, args: ['--max-semi-space-size=1', join(ROOT, 'apps/cli/dist/main.js'), ...args] }
}

/** Runs a call to its end. @returns what it printed */
export function runNow({ program, args }: Command): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
