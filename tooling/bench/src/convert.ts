// The main job: a published checkpoint to a quantized GGUF, in one pass of ours and in llama.cpp's one or two steps.
// Inputs are made by `make-checkpoint.ts`.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fartsovka } from './fartsovka.ts'
import { makeCheckpoint } from './make-checkpoint.ts'
import { convertHfToGguf, llamaQuantize, python } from './rivals.ts'
import type { Command, Contender, Row, Section, Setting } from './section.ts'
import { sideBySide } from './side-by-side.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** A real tokenizer, when the reference data lies beside the repository; llama.cpp's converter knows no made-up one. */
export function realTokenizer(): string | undefined {
  const { FARTSOVKA_BENCH_TOKENIZER: named } = process.env
  return [named, join(ROOT, '../shared/realdata/tokenizers/llama3_2')].find((folder) => folder !== undefined && existsSync(folder))
}

/** Without the check that follows a conversion: the others do none. */
function ourConversion(model: string, quant: string, output: string, threads: number): Command {
  return fartsovka(
    'convert',
    model,
    '--quant',
    quant,
    '--output',
    output,
    '--threads',
    String(threads),
    '--quiet',
    '--force',
    '--no-verify',
  )
}

export function ready(name: string, ...commands: readonly Command[]): Contender {
  return { name, kind: 'ready', commands }
}

/** llama.cpp's converter writing `type`, followed by its quantizer when `quant` is given. */
function theirConversion(model: string, type: string, output: string, threads: number, quant?: string): Contender {
  const name = quant === undefined ? 'convert_hf_to_gguf' : 'convert_hf_to_gguf, then llama-quantize'
  const tools = [python(), convertHfToGguf(), ...(quant === undefined ? [] : [llamaQuantize()])]
  const missing = tools.find((tool) => 'missing' in tool)
  if (missing !== undefined) return { name, kind: 'absent', reason: missing.missing }
  if (realTokenizer() === undefined)
    return { name, kind: 'absent', reason: 'not here: set FARTSOVKA_BENCH_TOKENIZER to a vocabulary it knows' }
  const [interpreter = '', script = '', quantizer] = tools.flatMap((tool) => ('path' in tool ? [tool.path] : []))
  const environment = { OMP_NUM_THREADS: String(threads) }
  const converted = quantizer === undefined ? output : `${output}.${type}`
  const convert = { program: interpreter, args: [script, model, '--outtype', type, '--outfile', converted], environment }
  if (quantizer === undefined || quant === undefined) return ready(name, convert)
  return ready(name, convert, { program: quantizer, args: [converted, output, quant, String(threads)] })
}

async function prepare({ folder, threads }: Setting): Promise<readonly Row[]> {
  const tokenizer = realTokenizer()
  const source = tokenizer === undefined ? {} : { tokenizer }
  const [billion, sparse] = [join(folder, 'llama-3.2-1b-random'), join(folder, 'llama-3.1-8b-sparse')]
  makeCheckpoint(billion, { shape: 'llama-3.2-1b', sparse: false, ...source })
  makeCheckpoint(sparse, { shape: 'llama-3.1-8b', sparse: true, ...source })
  const [ours, theirs] = [join(folder, 'ours.gguf'), join(folder, 'theirs.gguf')]
  const clear = (): void => {
    for (const path of [ours, theirs, `${theirs}.bf16`]) rmSync(path, { force: true })
  }
  const row = (title: string, model: string, quant: string, rival?: Contender): Row => ({
    title,
    contenders: [ready('fartsovka', ourConversion(model, quant, ours, threads)), ...(rival === undefined ? [] : [rival])],
    clear,
  })
  return [
    row('2.5 GB bfloat16 to BF16', billion, 'bf16', theirConversion(billion, 'bf16', theirs, threads)),
    row('2.5 GB bfloat16 to Q8_0', billion, 'q8_0', theirConversion(billion, 'q8_0', theirs, threads)),
    row('2.5 GB bfloat16 to Q4_0', billion, 'q4_0', theirConversion(billion, 'bf16', theirs, threads, 'Q4_0')),
    row('2.5 GB bfloat16 to Q4_K_M', billion, 'q4_k_m', theirConversion(billion, 'bf16', theirs, threads, 'Q4_K_M')),
    row('16 GB sparse bfloat16 to Q4_0', sparse, 'q4_0'),
  ]
}

export const convertSection: Section = {
  id: 'convert',
  title: 'Converting a checkpoint',
  about:
    'A checkpoint of random bfloat16 weights in the published shape of Llama-3.2-1B (tied, 2.5 GB), to a GGUF file; and one in the shape of Llama-3.1-8B (16 GB) whose weights are a hole in the file, for memory.',
  measure: sideBySide(prepare),
}
