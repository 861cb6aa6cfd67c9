// The container torch.save writes since PyTorch 1.6: a zip of `<name>/data.pkl` and one stored entry per storage.
import type { ByteSource } from '@fs/core'
import { fail } from '../errors.ts'
import { type PickleValue, unpickle } from '../pickle/index.ts'
import { readZipDirectory, type ZipEntry } from '../zip/index.ts'
import { TORCH_GLOBALS } from './globals.ts'
import type { StoragePlace } from './place-tensor.ts'

/** Bytes of data.pkl. The one of a 70 B model has 0.2 MB; training checkpoints with long lists some. */
export const MAX_PICKLE_BYTES = 64 * 1024 * 1024

/** A PyTorch file, opened but not interpreted. */
export type OpenedPickle = {
  readonly value: PickleValue
  readonly storages: ReadonlyMap<string, StoragePlace>
  readonly endianness: 'little' | 'big'
}

/**
 * Opens the zip container.
 * @throws FsError pytorch/not-a-checkpoint, pytorch/torchscript, and with `zip/` and `pickle/` codes
 */
export async function openZipContainer(source: ByteSource): Promise<OpenedPickle> {
  const file = source.name
  const entries = await readZipDirectory(source)
  const pickles = [...entries.values()].filter(({ name }) => /^[^/]+\/data\.pkl$/.test(name))
  const pickle = pickles[0]
  if (pickle === undefined || pickles.length > 1) {
    throw fail('pytorch/not-a-checkpoint', `${file} is a zip file with ${pickles.length} data.pkl in it; torch.save writes one`, { file })
  }
  const root = pickle.name.slice(0, -'data.pkl'.length)
  if (entries.has(`${root}constants.pkl`)) {
    throw fail('pytorch/torchscript', `${file} is a TorchScript program; its code is not run, so save the model's state_dict instead`, {
      file,
    })
  }
  const bytes = await readEntry(source, pickle)
  const { value, end } = unpickle(bytes, 0, file, TORCH_GLOBALS)
  if (end !== bytes.length)
    throw fail('pickle/malformed', `${file}: its data.pkl goes on for ${bytes.length - end} bytes after its end`, { file })

  const storages = new Map<string, StoragePlace>()
  for (const { name, offset, size } of entries.values()) {
    if (name.startsWith(`${root}data/`)) storages.set(name.slice(root.length + 'data/'.length), { offset, size })
  }
  return { value, storages, endianness: await readByteOrder(source, entries.get(`${root}byteorder`)) }
}

async function readEntry(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.size <= MAX_PICKLE_BYTES) return source.read(entry.offset, entry.size)
  const message = `${source.name}: ${entry.name} has ${entry.size} bytes; at most ${MAX_PICKLE_BYTES} are read`
  throw fail('pickle/limit', message, { file: source.name, size: entry.size })
}

/** `byteorder`, written since PyTorch 2.1; files without it are little-endian. */
async function readByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<'little' | 'big'> {
  if (entry === undefined) return 'little'
  const text = entry.size <= 8 ? new TextDecoder().decode(await source.read(entry.offset, entry.size)) : ''
  if (text === 'little' || text === 'big') return text
  throw fail('pytorch/not-a-checkpoint', `${source.name}: its byteorder is neither "little" nor "big"`, { file: source.name })
}
