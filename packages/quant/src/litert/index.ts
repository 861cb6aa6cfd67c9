// Public names of `@fs/quant/litert`: weights for LiteRT's quantized kernels. The flatbuffer around them is `@fs/litertlm`'s.

export { type Int4BlockSize, type LitertRows, quantizeBlocksInt4, quantizeRowsInt8 } from './quantize.ts'
