// Opens one PyTorch file as a tensor source. Nothing in it is run: the pickle becomes inert data, tensors become byte ranges.
import type { ByteSource, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { LEGACY_HEAD, openLegacyContainer } from './legacy-container.ts'
import { placeTensor } from './place-tensor.ts'
import { findStateDict } from './state-dict.ts'
import { readTensorRecord } from './tensor-record.ts'
import { type OpenedPickle, openZipContainer } from './zip-container.ts'

export type PytorchFile = TensorSource & {
  /** Numbers, text and booleans a training script kept beside the weights, by dotted name: `model_args.dim`. */
  readonly scalars: ReadonlyMap<string, number | string | boolean>
}

/** How a zip file starts: the signature of its first entry. */
export const ZIP_HEAD = Uint8Array.of(0x50, 0x4b, 3, 4)

/**
 * Opens `source`; closing the result closes it. Tensors come in the order they were saved in, which is that of the module, not always that of
 * their bytes. Views share bytes; those that are not row-major have `strides`.
 * @throws FsError with a `pytorch/`, `pickle/` or `zip/` code
 */
export async function readPytorch(source: ByteSource): Promise<PytorchFile> {
  const { tensors, scalars } = await readPytorchTensors(source)
  return {
    files: [source],
    tensors: new Map(tensors.map((tensor) => [tensor.name, { ...tensor, file: 0 }])),
    scalars,
    close: () => source.close(),
  }
}

/** The tensors of one file, without a place among others. */
export async function readPytorchTensors(
  source: ByteSource,
): Promise<{ readonly tensors: readonly Omit<TensorInfo, 'file'>[]; readonly scalars: PytorchFile['scalars'] }> {
  const { value, storages, endianness } = await openContainer(source)
  const { tensors, scalars } = findStateDict(value, source.name)
  const context = { file: source.name, storages, endianness }
  return {
    tensors: [...tensors].map(([name, record]) => placeTensor(name, readTensorRecord(record, source.name, name), context)),
    scalars,
  }
}

async function openContainer(source: ByteSource): Promise<OpenedPickle> {
  const head = await source.read(0, Math.min(source.size, LEGACY_HEAD.length))
  if (beginsWith(head, ZIP_HEAD)) return openZipContainer(source)
  if (beginsWith(head, LEGACY_HEAD)) return openLegacyContainer(source)
  throw fail('pytorch/not-a-checkpoint', `${source.name} is not a file torch.save wrote; it may be cut or of another kind`, {
    file: source.name,
  })
}

/** Whether `bytes` start with `prefix`. */
export function beginsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, index) => bytes[index] === byte)
}
