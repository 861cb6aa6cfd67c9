// `@fs/quant/wasm`: the fast codec, and the module to share between threads.

export { compileKernels, kernelBytes } from './module.ts'
export { type RowsInt8, wasmRowsInt8 } from './rows-int8.ts'
export { wasmRowCodec } from './wasm-row-codec.ts'
