// Loads `@litert-lm/core` in Node, for which it was not made: it wants a browser to run its script. Nothing global is defined for that here.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import type * as Library from '@litert-lm/core'
import { runtimeError } from '../../errors.ts'

export type LoadLiteRtLmOptions = {
  /** Given each line the engine logs; they are dropped otherwise. */
  readonly onLog?: (line: string) => void
}

/** Of the four builds the one for engines without JavaScript promise integration, which Node 24 only has behind a flag. Relaxed SIMD it has. */
const SCRIPT = 'litertlm_wasm_asyncify_internal.js'

type ModuleFactory = (settings: {
  readonly locateFile: (name: string) => string
  readonly print: (line: string) => void
  readonly printErr: (line: string) => void
}) => Promise<object>

let loading: Promise<typeof Library> | undefined

/**
 * The library with its engine loaded, 35 MB of WebAssembly; once for a process.
 * @throws FsError `runtime/engine-missing` when `@litert-lm/core` is not installed
 */
export function loadLiteRtLm(options: LoadLiteRtLmOptions = {}): Promise<typeof Library> {
  loading ??= load(options).catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load({ onLog = () => {} }: LoadLiteRtLmOptions): Promise<typeof Library> {
  const library = await import('@litert-lm/core').catch((cause: unknown) => {
    throw runtimeError('runtime/engine-missing', 'the LiteRT-LM engine needs the package @litert-lm/core; install it', {}, cause)
  })
  const folder = join(dirname(fileURLToPath(import.meta.resolve('@litert-lm/core/package.json'))), 'wasm')
  const script = join(folder, SCRIPT)
  // A classic script that defines `ModuleFactory`, in a package whose .js files are modules: it can be neither imported nor required.
  const source = `${await readFile(script, 'utf8')}\nreturn ModuleFactory`
  const define = compileFunction(source, ['require', '__filename', '__dirname', 'console'], { filename: script })
  // Some of its log goes to the console whatever `print` is.
  const create: ModuleFactory = define(createRequire(script), script, folder, { ...console, log: onLog, warn: onLog, error: onLog })
  const wasm = await create({ locateFile: (name) => join(folder, name), print: onLog, printErr: onLog })
  const loaded = new library.LiteRtLm(wasm as ConstructorParameters<typeof library.LiteRtLm>[0])
  library.setGlobalLiteRtLmPromise(Promise.resolve(loaded))
  library.setGlobalLiteRtLm(loaded)
  return library
}
