// Working memory of the kernels, fixed at compile time. One instance serves one thread, and no kernel calls another that uses the same part.

/** Records of 512 numbers: values, weights and levels, one lane per group. */
export const RECORDS: usize = memory.data(6144, 16)
/** What searches return. */
export const RESULTS: usize = memory.data(128, 16)
/** One byte per level. */
export const LEVELS: usize = memory.data(256, 16)
