// The one vitest configuration: runs every package's tests on TypeScript sources (condition `source`), with no build.
// It is not the place for per-package settings; a test that needs something special says so in its own file.
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const roots = '{packages,apps,tooling}/*/src'
/** Tests that need a real browser. They run where a Chromium is on the PATH, or where CHROMIUM names one. */
const browserTests = `${roots}/**/*.browser.test.ts`

/** What `.ci/run` counts from. */
const report = process.env.FARTSOVKA_TEST_REPORT

const inNode: TestProjectInlineConfiguration = {
  resolve: { conditions: ['source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    name: 'node',
    include: [`${roots}/**/*.test.ts`],
    exclude: [browserTests],
    setupFiles: ['./tooling/property-tests/src/fixed-start.ts'],
    pool: 'forks',
    // Worker threads take types off with a WebAssembly module of Node's. Where V8 compiles faster wrappers for what that module
    // imports, threads that come and go can free one twice: a SIGSEGV in Runtime_TierUpWasmToJSWrapper, 2 of 27 runs of one
    // file (Node 24.21.0). So those wrappers stay as they are.
    execArgv: ['--conditions=source', '--wasm-wrapper-tiering-budget=1000000000'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
}

function inBrowser(executablePath: string): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: ['source', 'browser', 'import', 'default'] },
    test: {
      name: 'browser',
      include: [browserTests],
      testTimeout: 30_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        // Containers run as root, where Chromium's own sandbox does not start.
        provider: playwright({ launchOptions: { executablePath, args: ['--no-sandbox'] } }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }
}

function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) => folders.map((folder) => join(folder, name)))
  return [process.env.CHROMIUM, ...candidates].find((path) => path !== undefined && isExecutable(path))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const chromium = findChromium()
const waiting = globSync(browserTests).length
if (chromium === undefined && waiting > 0)
  console.warn(`Skipped: ${waiting} files of browser tests, since no Chromium is installed (CHROMIUM may name one).`)

export default defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: chromium === undefined || waiting === 0 ? [inNode] : [inNode, inBrowser(chromium)],
  },
})
