// Where real files lie that are not part of this repository: a folder `shared` beside it. Tests that use them skip when it is absent.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../../../shared/', import.meta.url))

/** Absolute path of something in the shared folder. */
export const shared = (path: string): string => `${root}${path}`

/** Use as `test.skipIf(noShared)`: the real files are not at hand. */
export const noShared = !existsSync(root)
