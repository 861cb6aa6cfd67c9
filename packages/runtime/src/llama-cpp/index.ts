// The llama.cpp engine. It needs the optional peer `node-llama-cpp`, and Node.

export { type LlamaCppOptions, openLlamaCppModel } from './open-llama-cpp-model.ts'
