// Working memory of the kernels, fixed at compile time. One instance serves one thread, and no kernel calls another that uses the same part.

/** 1024 values in natural order: a group of four blocks of 256, or a copy of the last, incomplete group of small blocks. */
export const NUMBERS: usize = memory.data(4096, 16)
/** Values, one lane per group. */
export const TURNED: usize = memory.data(4096, 16)
/** Weights in natural order. */
export const WEIGHTS: usize = memory.data(4096, 16)
/** Weights, one lane per group. */
export const TURNED_WEIGHTS: usize = memory.data(4096, 16)
/** What searches return. */
export const RESULTS: usize = memory.data(1024, 16)
/** One byte per level. */
export const LEVELS: usize = memory.data(1024, 16)
