// Reads the header of one GGUF file: versions 1 to 3, either byte order. It fetches no tensor data and looks at no other file; joining the
// parts of a split model is in `read-split.ts`.
import type { ByteSource, FsError, MetadataValue, TensorInfo } from '@fs/core'
import { fail } from '../errors.ts'
import { HeaderCursor } from '../header-cursor.ts'
import { DEFAULT_ALIGNMENT } from './limits.ts'
import { headerContext, type Report, readLength, readMetadata } from './metadata.ts'
import { align, placeTensors, readTensorTable } from './tensor-table.ts'

/** One file's header. */
export type GgufHeader = {
  readonly version: 1 | 2 | 3
  readonly endianness: 'little' | 'big'
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, MetadataValue>
  /** In the order of their bytes; offsets count from the start of the file. */
  readonly tensors: readonly Omit<TensorInfo, 'file'>[]
  /** Where the tensor data starts. */
  readonly dataOffset: number
  /** What a lenient reader found wrong; empty from a strict one. */
  readonly problems: readonly FsError[]
}

/** `strict` throws at the first problem; `lenient` notes all it can get past, for looking at damaged files. Never convert from a lenient read. */
export type Strictness = 'strict' | 'lenient'

const MAGIC = 0x46554747

/**
 * Reads the header of `source`, in pieces that grow as needed.
 * @param onProblem hears of each problem a lenient read gets past, so that they are known too when a later one ends it
 * @throws FsError with a `gguf/` code for anything malformed
 */
export async function readGgufHeader(
  source: ByteSource,
  strictness: Strictness,
  onProblem?: (problem: FsError) => void,
): Promise<GgufHeader> {
  const problems: FsError[] = []
  const note = (error: FsError) => {
    problems.push(error)
    onProblem?.(error)
  }
  const report: Report = strictness === 'strict' ? throwIt : note
  const cursor = new HeaderCursor(source, { truncated: 'gguf/truncated', limit: 'gguf/limit' })
  const version = await readVersion(cursor)
  const context = headerContext(cursor, version, report)
  const tensorCount = await readLength(context, 'the tensor count')
  const keyCount = await readLength(context, 'the metadata count')
  const metadata = await readMetadata(context, keyCount)
  const alignment = readAlignment(cursor.name, metadata)
  const records = await readTensorTable(context, tensorCount)
  const dataOffset = align(cursor.offset, alignment)
  const placed = placeTensors(records, { name: source.name, start: dataOffset, fileSize: source.size, alignment }, report)
  const tensors = cursor.littleEndian ? placed : placed.map((tensor) => ({ ...tensor, bigEndian: true as const }))
  return { version, endianness: cursor.littleEndian ? 'little' : 'big', alignment, metadata, tensors, dataOffset, problems }
}

function throwIt(error: FsError): never {
  throw error
}

/** Reads magic and version, and sets the cursor's byte order: the magic is `GGUF` in either, the version tells. */
async function readVersion(cursor: HeaderCursor): Promise<1 | 2 | 3> {
  if (cursor.remaining < 4)
    throw fail('gguf/not-gguf', `${cursor.name} has ${cursor.remaining} bytes and is no GGUF file`, { file: cursor.name })
  await cursor.fill(4, 'the magic')
  const magic = cursor.u32()
  if (magic === 0x47475546) {
    throw fail(
      'gguf/byte-swapped-magic',
      `${cursor.name} starts with "FUGG": it was written before GGUF was released, with its magic backwards; convert the original model again`,
      { file: cursor.name },
    )
  }
  if (magic !== MAGIC) throw fail('gguf/not-gguf', `${cursor.name} does not start with "GGUF"`, { file: cursor.name, magic })
  await cursor.fill(4, 'the version')
  const stored = cursor.u32()
  // A version this large is a small one in the other byte order; llama.cpp and gguf-py tell by the same 16 bits.
  const swapped = stored !== 0 && (stored & 0xffff) === 0
  cursor.littleEndian = !swapped
  const version = swapped ? (stored >>> 24) | ((stored >>> 8) & 0xff00) : stored
  if (version === 2 || version === 3 || (version === 1 && !swapped)) return version
  throw fail(
    'gguf/version',
    `${cursor.name} is GGUF version ${version}${swapped ? ', big-endian' : ''}; 1 to 3 are known, big-endian from 2`,
    {
      file: cursor.name,
      version,
    },
  )
}

/** `general.alignment`, 32 when absent. The specification wants a multiple of 8; ggml only a power of two, so both are asked for. */
function readAlignment(file: string, metadata: ReadonlyMap<string, MetadataValue>): number {
  const stored = metadata.get('general.alignment')
  if (stored === undefined) return DEFAULT_ALIGNMENT
  const { value } = stored
  if (stored.type === 'UINT32' && typeof value === 'number' && value >= 8 && Number.isInteger(Math.log2(value))) return value
  throw fail(
    'gguf/alignment',
    `${file}: general.alignment is ${String(value)} (${stored.type}); it has to be a power of two of at least 8, as UINT32`,
    {
      file,
      type: stored.type,
    },
  )
}
