import { expect, test } from 'vitest'

declare global {
  interface ImportMeta {
    /** Vite's: replaced when the file is served, by an object of functions that import each file. */
    glob(pattern: string): { readonly [path: string]: () => Promise<unknown> }
  }
}

/** The root entry of every package: by rule it needs no Node. */
const roots = import.meta.glob('../../../packages/*/src/index.ts')

test('this is a browser', () => {
  expect(globalThis.document).toBeDefined()
  expect(Object.keys(roots).length).toBeGreaterThan(0)
})

test.each(Object.entries(roots))('%s loads', async (_path, load) => {
  await expect(load()).resolves.toBeDefined()
})
