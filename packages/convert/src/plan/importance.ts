// Importance of each input channel, as types that weigh their errors take it. Where it was read from is not known here.

export type Importance = {
  /** Weights of a GGUF tensor, one per column and matrix; undefined where there are none. @param shape checked when given */
  weightsFor(tensor: string, shape?: readonly number[]): Float32Array | undefined
}
