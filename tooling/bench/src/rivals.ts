// Where the tools we measure ourselves against are on this machine. None of them is needed.
// Which work each does is told by the sections.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program's path, or a sentence that says what would bring it here. */
export type Rival = { readonly path: string } | { readonly missing: string }

/** llama.cpp's quantizer. */
export function llamaQuantize(): Rival {
  return fromVariable('FARTSOVKA_BENCH_LLAMA_QUANTIZE') ?? onPath('llama-quantize', 'FARTSOVKA_BENCH_LLAMA_QUANTIZE')
}

/** llama.cpp's own measure of how fast it runs a model. */
export function llamaBench(): Rival {
  return fromVariable('FARTSOVKA_BENCH_LLAMA_BENCH') ?? onPath('llama-bench', 'FARTSOVKA_BENCH_LLAMA_BENCH')
}

/** llama.cpp's converter, a Python script. */
export function convertHfToGguf(): Rival {
  const variable = 'FARTSOVKA_BENCH_CONVERT_HF_TO_GGUF'
  return fromVariable(variable) ?? { missing: `not here: set ${variable} to convert_hf_to_gguf.py` }
}

/** A Python with what the converter imports. */
export function python(): Rival {
  return fromVariable('FARTSOVKA_BENCH_PYTHON') ?? onPath('python3', 'FARTSOVKA_BENCH_PYTHON')
}

function fromVariable(variable: string): Rival | undefined {
  const path = process.env[variable]
  if (path === undefined || path === '') return undefined
  return existsSync(path) ? { path } : { missing: `not here: ${variable} names ${path}, which does not exist` }
}

function onPath(program: string, variable: string): Rival {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find(isExecutable)
  return found === undefined ? { missing: `not here: put ${program} on the PATH or set ${variable}` } : { path: found }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
