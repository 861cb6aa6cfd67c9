// Public names of `@fs/onnx/rows`: initializers some rows at a time, for writers that never hold one whole. Nothing here knows of graphs.

export { type RotaryRecipe, rotaryPositions, rotaryRows } from './model/rotary.ts'
export { blockFormatOf } from './weights/blocks/block-formats.ts'
export type { BlockFormat } from './weights/graph-tensor.ts'
