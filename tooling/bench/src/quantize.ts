// GGUF to GGUF, type by type: ours beside llama-quantize, and beside a program that only reads the input and writes as many bytes.
// The input is converted from the checkpoint of `make-checkpoint.ts`.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ready, realTokenizer } from './convert.ts'
import { fartsovka, runNow } from './fartsovka.ts'
import { makeCheckpoint } from './make-checkpoint.ts'
import { llamaQuantize } from './rivals.ts'
import type { Contender, Row, Section, Setting } from './section.ts'
import { sideBySide } from './side-by-side.ts'

const TYPES = ['Q4_0', 'Q8_0', 'Q2_K', 'Q3_K_M', 'Q4_K_M', 'Q5_K_M', 'Q6_K', 'IQ4_XS'] as const

/** Bytes the file of a type will have, by a dry run. */
function sizeOf(input: string, type: string): number {
  const printed: unknown = JSON.parse(runNow(fartsovka('quantize', input, '--quant', type, '--dry-run', '--json')))
  return (printed as { readonly outputs: readonly [{ readonly size: number }] }).outputs[0].size
}

function readAndWrite(input: string, output: string, type: string): Contender {
  const script = fileURLToPath(new URL('./read-and-write.ts', import.meta.url))
  return ready('reading, and writing as many bytes', {
    program: process.execPath,
    args: [script, input, output, String(sizeOf(input, type))],
  })
}

function theirs(input: string, output: string, type: string, threads: number): Contender {
  const tool = llamaQuantize()
  if ('missing' in tool) return { name: 'llama-quantize', kind: 'absent', reason: tool.missing }
  return ready('llama-quantize', { program: tool.path, args: [input, output, type, String(threads)] })
}

async function prepare({ folder, threads }: Setting): Promise<readonly Row[]> {
  const tokenizer = realTokenizer()
  const [checkpoint, input, output] = [
    join(folder, 'llama-3.2-1b-random'),
    join(folder, 'llama-3.2-1b-random.gguf'),
    join(folder, 'out.gguf'),
  ]
  makeCheckpoint(checkpoint, { shape: 'llama-3.2-1b', sparse: false, ...(tokenizer === undefined ? {} : { tokenizer }) })
  if (!existsSync(input)) runNow(fartsovka('convert', checkpoint, '--quant', 'bf16', '--output', input, '--quiet', '--no-verify'))
  const clear = (): void => rmSync(output, { force: true })
  const ours = (type: string, workers: number): Contender =>
    ready('fartsovka', fartsovka('quantize', input, '--quant', type, '--output', output, '--threads', String(workers), '--quiet'))
  const rows = TYPES.map((type) => ({
    title: `to ${type}`,
    contenders: [ours(type, threads), theirs(input, output, type, threads), readAndWrite(input, output, type)],
    clear,
  }))
  return [...rows, { title: 'to Q4_0 on 8 threads', contenders: [ours('Q4_0', 8)], clear }]
}

export const quantizeSection: Section = {
  id: 'quantize',
  title: 'Quantizing a GGUF file',
  about:
    'A bfloat16 GGUF of 1.24 billion parameters (2.5 GB, the shape of Llama-3.2-1B). Both write the same bytes. The third row of each is a program that only reads the input and writes as many bytes as the result has, on one thread.',
  measure: sideBySide(prepare),
}
