// Public names of `@fs/quant/matmulnbits`: ggml's numbers for ONNX Runtime's quantized matrix product.

export { isRepackable, MATMULNBITS_LAYOUTS, type MatMulNBitsLayout, matMulNBitsLayout, type RepackableType } from './layouts.ts'
export { type MatMulNBitsWeights, repackForMatMulNBits, unpackMatMulNBits } from './repack.ts'
