// Prints how many million weights a second one thread encodes and decodes, type by type, through the row codec: from bfloat16, the
// usual form of a checkpoint, drawn from a normal distribution. The fastest of many calls of a millisecond or two, so that a busy machine
// disturbs little.
// It times no files: `docs/benchmarks.md` does, beside llama-quantize. Usage: pnpm --filter @fs/quant bench:kernels [TYPE …]
import { GGML_TYPES, type GgmlType } from '@fs/core'
import { KERNELS, kernelNames } from '../src/wasm/kernels.ts'
import { wasmRowCodec } from '../src/wasm/wasm-row-codec.ts'

const ROWS = 64
const ROW_LENGTH = 2048
const MILLISECONDS = 1000

const count = ROWS * ROW_LENGTH
const numbers = Float32Array.from(
  { length: count },
  () => 0.02 * Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()),
)
const importance = Float32Array.from({ length: ROW_LENGTH }, () => 0.1 + Math.random())
const codec = await wasmRowCodec()

function load(bytes: Uint8Array): void {
  codec.input(bytes.length).set(bytes)
}

function encodeNumbers(to: GgmlType): Uint8Array {
  load(new Uint8Array(numbers.buffer))
  return codec.encode({ from: 'F32', to, rows: ROWS, rowLength: ROW_LENGTH, ...(kernelNames(to).encode ? {} : { importance }) }).slice()
}

/** What stands for an encoded band of a type that has no encoder. */
function zeros(type: GgmlType): Uint8Array {
  const { blockSize, blockBytes } = GGML_TYPES[type]
  return new Uint8Array((count / blockSize) * blockBytes)
}

/** Millions of weights a second in the fastest of the calls that fit in a second. */
function speed(work: () => void): string {
  let shortest = Number.POSITIVE_INFINITY
  for (const start = performance.now(); performance.now() - start < MILLISECONDS; ) {
    const before = performance.now()
    work()
    shortest = Math.min(shortest, performance.now() - before)
  }
  return (count / shortest / 1e3).toFixed(0)
}

const bfloat16s = encodeNumbers('BF16')
const chosen = process.argv.slice(2)
const types = Object.keys(KERNELS).filter((type) => chosen.length === 0 || chosen.includes(type)) as GgmlType[]
const shape = { rows: ROWS, rowLength: ROW_LENGTH }

console.log('| type | encode | with importance | decode |')
console.log('|---|--:|--:|--:|')
for (const type of types) {
  const { encode, encodeWeighted, decode } = kernelNames(type)
  load(bfloat16s)
  const plain = encode && type !== 'BF16' ? speed(() => codec.encode({ ...shape, from: 'BF16', to: type })) : '-'
  const weighted = encodeWeighted ? speed(() => codec.encode({ ...shape, from: 'BF16', to: type, importance })) : '-'
  if (decode) load(encode || encodeWeighted ? encodeNumbers(type) : zeros(type))
  const decoded = decode ? speed(() => codec.decode({ ...shape, from: type })) : '-'
  console.log(`| ${type} | ${plain} | ${weighted} | ${decoded} |`)
}
