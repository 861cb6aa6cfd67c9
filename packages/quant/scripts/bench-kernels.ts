// Prints how many million weights a second one thread encodes and decodes, type by type, through the row codec: from bfloat16, the
// usual form of a checkpoint, drawn from a normal distribution. The fastest of many calls of a few milliseconds, so that a busy machine disturbs
// little. It times no files: `docs/benchmarks.md` does, beside llama-quantize. Usage: pnpm --filter @fs/quant bench:kernels [TYPE …]
import { GGML_TYPES, type GgmlType, ggmlRowBytes } from '@fs/core'
import { KERNELS, kernelNames } from '../src/wasm/kernels.ts'
import { wasmRowCodec } from '../src/wasm/wasm-row-codec.ts'

const ROWS = 64
const ROW_LENGTH = 2048
const MILLISECONDS = 1000

const numbers = Float32Array.from({ length: ROWS * ROW_LENGTH }, () => 0.02 * normal())
const importance = Float32Array.from({ length: ROW_LENGTH }, () => 0.1 + Math.random())
const codec = await wasmRowCodec()

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())
}

function load(bytes: Uint8Array): void {
  codec.input(bytes.length).set(bytes)
}

/** The weights as `to`; bytes of zero for a type that has no encoder. */
function encoded(to: GgmlType): Uint8Array {
  const { encode, encodeWeighted } = kernelNames(to)
  if (!encode && !encodeWeighted) return new Uint8Array(ROWS * ggmlRowBytes(to, ROW_LENGTH)!)
  load(new Uint8Array(numbers.buffer))
  return codec.encode({ from: 'F32', to, rows: ROWS, rowLength: ROW_LENGTH, ...(encode ? {} : { importance }) }).slice()
}

/** Millions of weights a second in the fastest of the calls that fit in a second, with as many rows as take a few milliseconds. */
function speed(from: GgmlType, bytes: Uint8Array, work: (rows: number) => void): string {
  let rows = ROWS
  const time = () => {
    load(bytes.subarray(0, rows * ggmlRowBytes(from, ROW_LENGTH)!))
    const start = performance.now()
    work(rows)
    return performance.now() - start
  }
  while (rows > 1 && time() > 4) rows /= 2
  let shortest = Number.POSITIVE_INFINITY
  for (const start = performance.now(); performance.now() - start < MILLISECONDS; ) shortest = Math.min(shortest, time())
  return ((rows * ROW_LENGTH) / shortest / 1e3).toFixed(0)
}

const bfloat16s = encoded('BF16')
const chosen = process.argv.slice(2)

console.log('| type | encode | with importance | decode |')
console.log('|---|--:|--:|--:|')
for (const to of (Object.keys(GGML_TYPES) as GgmlType[]).filter((type) => Object.hasOwn(KERNELS, type))) {
  if (chosen.length > 0 && !chosen.includes(to)) continue
  const { encode, encodeWeighted, decode } = kernelNames(to)
  const job = { from: 'BF16', to, rowLength: ROW_LENGTH } as const
  const plain = encode && to !== 'BF16' ? speed('BF16', bfloat16s, (rows) => codec.encode({ ...job, rows })) : '-'
  const weighted = encodeWeighted ? speed('BF16', bfloat16s, (rows) => codec.encode({ ...job, rows, importance })) : '-'
  const decoded = decode ? speed(to, encoded(to), (rows) => codec.decode({ from: to, rows, rowLength: ROW_LENGTH })) : '-'
  console.log(`| ${to} | ${plain} | ${weighted} | ${decoded} |`)
}
