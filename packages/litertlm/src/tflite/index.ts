// Public names of `@fs/litertlm/tflite`: what a TFLite file says of itself. Writing one is part of `@fs/litertlm/graph`.

export { readTflite } from './read.ts'
export type {
  StoredBuffer,
  StoredOperator,
  StoredQuantization,
  StoredSignature,
  StoredSubgraph,
  StoredTensor,
  StoredTflite,
} from './stored.ts'
