// The size of a super-block's numbers, which weighted searches add to every weight.

/** The sum of squares of `count` numbers, in float32 and in order. */
export function sumOfSquares(values: Float32Array, first: number, count: number): number {
  let sum = 0
  for (let index = first; index < first + count; index++) {
    const value = values[index]!
    sum = Math.fround(sum + Math.fround(value * value))
  }
  return sum
}
