// Public names of `@fs/quant/floats`: number formats narrower or wider than float32. Block formats are not here.

export { bfloat16ToFloat, floatToBfloat16 } from './bfloat16.ts'
export { decodeFloats } from './decode-floats.ts'
export { float8e4m3ToFloat, float8e5m2ToFloat } from './float8.ts'
export { floatToHalf, halfToFloat } from './half.ts'
export { type NarrowFloat, type Overflow, scanOverflow } from './overflow.ts'
