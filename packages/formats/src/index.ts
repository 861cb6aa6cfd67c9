// The two things most programs need: opening a checkpoint, and the folder to open it from. Everything else has its own subpath:
// ./bytes, ./folder, ./checkpoint, ./gguf, ./safetensors, ./node.
export { openCheckpoint } from './checkpoint/index.ts'
export { fileFolder } from './folder/index.ts'
