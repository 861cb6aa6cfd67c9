// Public names of `@fs/quant/matmulnbits`: ggml's numbers for ONNX Runtime's quantized matrix product.

export { isRepackable, type MatMulNBitsFormat, matMulNBitsFormat, type RepackableType, ZERO_POINTS } from './formats.ts'
export { emptyArrays, repackInto, repackRows } from './repack.ts'
export type { MatMulNBitsArrays } from './shortcuts.ts'
