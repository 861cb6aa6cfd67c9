// The least any quantizer must do: reads a file whole and writes a number of bytes, on one thread. `quantize.ts` times it beside the quantizers.
// Usage: node read-and-write.ts INPUT OUTPUT BYTES
import { closeSync, openSync, readSync, writeSync } from 'node:fs'

/** What our workers read at a time. */
const CHUNK = 4 * 2 ** 20

const [input, output, bytes] = process.argv.slice(2)
if (input === undefined || output === undefined || !Number.isSafeInteger(Number(bytes))) {
  console.error('Usage: read-and-write.ts INPUT OUTPUT BYTES')
  process.exit(2)
}
const [source, target] = [openSync(input, 'r'), openSync(output, 'w')]
const chunk = new Uint8Array(CHUNK)
let left = Number(bytes)
for (let read = CHUNK; read > 0 || left > 0; ) {
  read = readSync(source, chunk)
  left -= writeSync(target, chunk, 0, Math.min(left, CHUNK))
}
closeSync(source)
closeSync(target)
