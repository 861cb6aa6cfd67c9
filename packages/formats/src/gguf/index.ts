// GGUF: reading (versions 1 to 3, either byte order, single and split), laying out, splitting.
export { type GgufLayout, type GgufLayoutInput, type GgufTensorPlan, layoutGguf, type PlacedTensor } from './layout.ts'
export { type GgufPart, type GgufSplitInput, planGgufSplit, SPLIT_KEYS, type SplitLimit } from './plan-split.ts'
export { type GgufHeader, readGgufHeader, type Strictness } from './read.ts'
export { type GgufFile, type ReadGgufOptions, readGguf } from './read-gguf.ts'
export { parseSplitName, splitName } from './split-name.ts'
