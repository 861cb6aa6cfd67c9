// Compiles assembly/ to src/wasm/kernels.wasm and writes the same bytes as text to src/wasm/kernels-base64.ts.
// With --check nothing is written: it fails unless the committed files are exactly what the sources compile to.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main as compile } from 'assemblyscript/asc'

const FLAGS = ['--runtime', 'stub', '--optimizeLevel', '3', '--noAssert', '--use', 'abort=', '--enable', 'simd', '--disableWarning', '112']

const root = fileURLToPath(new URL('..', import.meta.url))
const binaryFile = new URL('../src/wasm/kernels.wasm', import.meta.url)
const textFile = new URL('../src/wasm/kernels-base64.ts', import.meta.url)

async function compileKernels(): Promise<Buffer> {
  let binary: Buffer | undefined
  const { error, stderr } = await compile(['assembly/index.ts', '--baseDir', root, '--outFile', 'kernels.wasm', ...FLAGS], {
    writeFile(name, contents) {
      if (name === 'kernels.wasm') binary = Buffer.from(contents as Uint8Array)
    },
  })
  if (error === null && binary !== undefined) return binary
  console.error(stderr.toString())
  process.exit(1)
}

function asText(binary: Buffer): string {
  return `// Written by scripts/build-wasm.ts from kernels.wasm; do not edit.
// The bytes travel as text so that neither a page, a worker nor a bundle has to find a file.

export const KERNELS_BASE64 =
  '${binary.toString('base64')}'
`
}

const binary = await compileKernels()
if (process.argv.includes('--check')) {
  if (!binary.equals(readFileSync(binaryFile)) || asText(binary) !== readFileSync(textFile, 'utf8')) {
    console.error(
      'The committed kernels are not what assembly/ compiles to: run `pnpm --filter @fs/quant build:wasm` and commit the result.',
    )
    process.exit(1)
  }
  console.log(`kernels.wasm is what assembly/ compiles to (${binary.length} bytes).`)
} else {
  writeFileSync(binaryFile, binary)
  writeFileSync(textFile, asText(binary))
  console.log(`kernels.wasm: ${binary.length} bytes`)
}
