// What a GGUF header may ask of this reader, each limit with its reason. Sizes are checked against the real file first; these come on top,
// because a file of 100 GB would otherwise allow a header of 100 GB.

/** Metadata keys. Real files have some dozens; a control vector or imatrix file has hundreds. */
export const MAX_KEYS = 65_536
/** Tensors of one file. The largest known models (61 layers, experts stacked) have under 3 000; unstacked experts make some ten thousand. */
export const MAX_TENSORS = 1_000_000
/** Elements of one array that become JavaScript values of their own (strings, booleans, arrays): each takes some ten times its bytes in the file. */
export const MAX_BOXED_ELEMENTS = 8_000_000
/** Levels of arrays within arrays. No known file has more than two; llama.cpp reads one. */
export const MAX_NESTING = 4
/** GGML_MAX_DIMS (ggml.h). */
export const MAX_DIMENSIONS = 4
/** Characters of a tensor name while reading. llama.cpp stops at 64 (GGML_MAX_NAME), builds for image models at 128. */
export const MAX_NAME_LENGTH = 1024
/** Bytes of a tensor name while writing: GGML_MAX_NAME less the closing zero, so that llama.cpp can load the file. */
export const MAX_WRITTEN_NAME_BYTES = 63
/** GGUF_DEFAULT_ALIGNMENT (ggml/include/gguf.h). */
export const DEFAULT_ALIGNMENT = 32
