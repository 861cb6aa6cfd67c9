// The static checks: what each runs, and what it needs first. Adding a check is adding a row.
// Tests are not here; `pnpm test` runs them, and `.ci/run` runs both.

export type Check = {
  readonly name: string
  /** Run from the repository's root, through the shell of pnpm scripts. */
  readonly command: readonly [program: string, ...args: string[]]
  /** Another check that must have passed. */
  readonly after?: string
}

/** In the order of their start. Those that take long come first. */
export const CHECKS: readonly Check[] = [
  { name: 'build', command: ['turbo', 'run', 'build', '--output-logs=errors-only'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', command: ['biome', 'check', '.'] },
  { name: 'unused', command: ['knip'] },
  { name: 'rules', command: ['vitest', 'run', 'tooling/house-rules', '--reporter=dot'] },
  { name: 'packages', command: ['node', 'tooling/package-check/src/main.ts'], after: 'build' },
  { name: 'size', command: ['size-limit'], after: 'build' },
  { name: 'wasm', command: ['pnpm', '--filter', '@fs/quant', 'run', 'check:wasm'] },
  { name: 'changesets', command: ['node', 'tooling/checks/src/changesets.ts'] },
]
