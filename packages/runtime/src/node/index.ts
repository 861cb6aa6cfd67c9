// The parts that need Node: ONNX Runtime's native build.

export { type NodeBackendOptions, nodeBackend } from './onnxruntime-node.ts'
