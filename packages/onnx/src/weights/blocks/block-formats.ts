// The format a stored type has in a graph. How its levels fit is known in `@fs/quant/matmulnbits`.
import type { TensorType } from '@fs/core'
import { matMulNBitsFormat } from '@fs/quant/matmulnbits'
import type { BlockFormat } from '../graph-tensor.ts'

/** The format that keeps a type's stored values; null for plain numbers, which enter a graph as floats. */
export function blockFormatOf(type: TensorType): BlockFormat | null {
  const format = matMulNBitsFormat(type)
  return format === null ? null : { kind: 'blocks', ...format, levels: 'stored' }
}
