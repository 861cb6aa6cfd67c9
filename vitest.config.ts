// The one vitest configuration: runs every package's tests on TypeScript sources (condition `source`), with no build.
// It is not the place for per-package settings; a test that needs something special says so in its own file.
import { defineConfig } from 'vitest/config'

// `.ci/run` counts from this file.
const report = process.env.FARTSOVKA_TEST_REPORT

export default defineConfig({
  resolve: { conditions: ['source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tooling/*/src/**/*.test.ts'],
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    pool: 'forks',
    execArgv: ['--conditions=source'],
    testTimeout: 30_000,
  },
})
