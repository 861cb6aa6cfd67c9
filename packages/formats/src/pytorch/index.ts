// PyTorch checkpoints: `pytorch_model.bin`, `.pt`, `.pth`, in the zip container and the older one, single and sharded, and Meta's own files.
export { type PytorchFile, readPytorch } from './read.ts'
export { readPytorchIndex } from './sharded.ts'
