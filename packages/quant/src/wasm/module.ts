// The kernels' bytes, compiled once and shared: one WebAssembly.Module serves every thread it is posted to.
// It fetches nothing and reads no file, so that it works in Node, in a page, in a worker and in a bundle alike.
import { KERNELS_BASE64 } from './kernels-base64.ts'

let compiled: Promise<WebAssembly.Module> | undefined

/** The kernels' WebAssembly bytes, those of `kernels.wasm`. */
export function kernelBytes(): Uint8Array<ArrayBuffer> {
  const text = atob(KERNELS_BASE64)
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}

/**
 * Compiles the kernels, once per thread however often it is called. Post the result to workers (it is structured-cloneable) and
 * hand it to `wasmRowCodec` there: they share the compiled code.
 * @throws WebAssembly.CompileError where there is no WebAssembly SIMD (before Node 16.4, Chrome 91, Firefox 89, Safari 16.4).
 */
export function compileKernels(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(kernelBytes())
  return compiled
}
