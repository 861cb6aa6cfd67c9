// Rows for LiteRT by a WebAssembly kernel: the bytes of `quantizeRowsInt8`, several times sooner. The plain version is the specification.
import { type LitertRows, quantizeRowsInt8 } from '../litert/quantize.ts'
import type { KernelExports } from './kernels.ts'
import { compileKernels } from './module.ts'

const WASM_PAGE = 65536

/** As `quantizeRowsInt8`; what it gives lies in memory of its own, and is valid until the next call. */
export type RowsInt8 = (values: Float32Array, rowLength: number) => LitertRows

/**
 * A quantizer with its own memory, for one thread.
 * @param module From `compileKernels`, posted to this thread; by default compiled here.
 */
export async function wasmRowsInt8(module?: WebAssembly.Module): Promise<RowsInt8> {
  const { exports } = await WebAssembly.instantiate(module ?? (await compileKernels()), {})
  const kernels = exports as KernelExports
  const source = Math.ceil(kernels.heapBase() / 16) * 16
  return (values, rowLength) => {
    const count = values.length
    const rows = count / rowLength
    // The plain version says what is wrong with them.
    if (!Number.isInteger(rows)) return quantizeRowsInt8(values, rowLength)
    const scales = source + 4 * count
    const levels = scales + 4 * rows
    const missing = levels + count - kernels.memory.buffer.byteLength
    if (missing > 0) kernels.memory.grow(Math.ceil(missing / WASM_PAGE))
    const { buffer } = kernels.memory
    new Float32Array(buffer, source, count).set(values)
    if (kernels.allFinite(source, count) === 0) return quantizeRowsInt8(values, rowLength)
    kernels.encodeRowsInt8(source, levels, scales, rows, rowLength)
    return { data: new Int8Array(buffer, levels, count), scales: new Float32Array(buffer, scales, rows) }
  }
}
