// The parts that need onnxruntime-web.

export { type WebBackendOptions, webBackend } from './onnxruntime-web.ts'
