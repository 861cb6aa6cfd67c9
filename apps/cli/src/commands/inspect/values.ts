// First values of one tensor, decoded whatever its type. Reads no more of the tensor than is shown.
import { type Checkpoint, DTYPES, GGML_TYPES, isGgmlType, type TensorInfo } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { cliError } from '../../errors.ts'
import { printable } from '../../terminal/format.ts'

export type TensorValues = {
  readonly name: string
  readonly type: string
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

export async function tensorValues(checkpoint: Checkpoint, name: string, count: number): Promise<TensorValues> {
  const tensor = checkpoint.tensors.tensors.get(name)
  if (tensor === undefined) throw cliError('cli/usage', `there is no tensor ${name}; --tensors lists them`, { tensor: name })
  const { type, shape } = tensor
  return { name, type, shape, values: await firstValues(checkpoint, tensor, count) }
}

async function firstValues(checkpoint: Checkpoint, tensor: TensorInfo, count: number): Promise<readonly number[]> {
  const [blockSize, blockBytes] = isGgmlType(tensor.type)
    ? [GGML_TYPES[tensor.type].blockSize, GGML_TYPES[tensor.type].blockBytes]
    : [1, DTYPES[tensor.type].bytes]
  const blocks = Math.min(Math.ceil(count / blockSize), Math.floor(tensor.byteLength / blockBytes))
  const codec = plainRowCodec()
  try {
    codec.input(blocks * blockBytes).set(await checkpoint.tensors.files[tensor.file]!.read(tensor.offset, blocks * blockBytes))
    const decoded = codec.decode({
      from: tensor.type,
      rows: 1,
      rowLength: blocks * blockSize,
      ...(tensor.bigEndian ? { bigEndian: true } : {}),
    })
    return [...decoded.subarray(0, count)]
  } finally {
    codec.dispose()
  }
}

export function valuesText({ name, type, shape, values }: TensorValues): string {
  return `${printable(name)}  ${type}  [${shape.join(', ')}]\n${values.map((value) => String(Number(value.toPrecision(7)))).join('  ')}`
}
