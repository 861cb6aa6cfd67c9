// Importance matrices: both file forms, read and written.
export { channelWeights, type Imatrix, type ImatrixEntry } from './imatrix.ts'
export { readImatrix } from './read.ts'
export { encodeImatrixDat, encodeImatrixGguf } from './write.ts'
