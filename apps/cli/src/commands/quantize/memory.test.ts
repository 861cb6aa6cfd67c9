// Peak memory of the whole process, from sources, on a file with a large vocabulary whose weights are a hole that takes no disk.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import type { MetadataValue } from '@fs/core'
import { layoutGguf } from '@fs/formats/gguf'
import { expect, test } from 'vitest'
import { peakMemory } from '../../test-support/peak-memory.test-support.ts'
import { useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()

function strings(count: number, text: (index: number) => string): MetadataValue {
  return { type: 'ARRAY', of: 'STRING', value: Array.from({ length: count }, (_, index) => text(index)) }
}

/** A GGUF of bfloat16 zeros with as many tokens and merges as Llama 3 has. */
function writeModel(path: string, layers: number): void {
  const metadata = new Map<string, MetadataValue>([
    ['general.architecture', { type: 'STRING', value: 'llama' }],
    ['llama.block_count', { type: 'UINT32', value: layers }],
    ['llama.attention.head_count', { type: 'UINT32', value: 32 }],
    ['tokenizer.ggml.tokens', strings(128_256, (index) => `Ġtoken${index}`)],
    ['tokenizer.ggml.merges', strings(280_147, (index) => `Ġt${index} oken`)],
  ])
  const tensors = Array.from({ length: layers }, (_, layer) => ({
    name: `blk.${layer}.ffn_up.weight`,
    type: 'BF16' as const,
    shape: [4096, 4096],
  }))
  const { header, size } = layoutGguf({ metadata, tensors })
  const file = openSync(path, 'w')
  writeSync(file, header)
  ftruncateSync(file, size)
  closeSync(file)
}

const peakOf = (...parameters: readonly string[]) => peakMemory(['quantize', ...parameters, '--quiet'], folder.path)

test.skipIf(process.platform !== 'linux')('peak memory stays under 300 MB, and does not depend on the size of the file', async () => {
  writeModel(folder.file('small.gguf'), 8)
  writeModel(folder.file('large.gguf'), 24)
  // Keeps the compiled modules: taking types off in each thread is no part of what people run.
  await peakOf('small.gguf', '--quant', 'q4_0', '--threads', '1', '-o', 'first.gguf')
  // From sources; the built code takes a tenth less, and docs/benchmarks.md has it with eight threads.
  const small = await peakOf('small.gguf', '--quant', 'q4_0', '--threads', '4', '-o', 'small-q4_0.gguf')
  const large = await peakOf('large.gguf', '--quant', 'q4_0', '--threads', '4', '-o', 'large-q4_0.gguf')
  expect(Math.max(small, large)).toBeLessThan(300e6)
  expect(large - small).toBeLessThan(40e6)
})
