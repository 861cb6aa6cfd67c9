// Opens a GGUF model, single or split over several files, as metadata and a tensor source.
// It checks that the parts belong together; what is inside each is checked in `read.ts`.
import type { ByteSource, FsError, MetadataValue, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { type GgufHeader, readGgufHeader, type Strictness } from './read.ts'
import { parseSplitName, splitName } from './split-name.ts'

export type ReadGgufOptions = {
  /** Opens another part of a split model, by its file name. Without it a split model is refused. */
  readonly openShard?: (fileName: string) => Promise<ByteSource>
  /** `strict` unless told. */
  readonly strictness?: Strictness
  /** Hears of each problem a lenient read gets past; those before the one that ends it are known no other way. */
  readonly onProblem?: (problem: FsError) => void
}

/** A GGUF model, opened. Of a split one, everything but the tensors comes from the first part. */
export type GgufFile = {
  readonly version: 1 | 2 | 3
  readonly endianness: 'little' | 'big'
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: TensorSource
  /** Where the tensor data of the first file starts. */
  readonly dataOffset: number
  /** What a lenient read found wrong, over all parts; empty from a strict one. */
  readonly problems: readonly FsError[]
}

type Part = { readonly source: ByteSource; readonly header: GgufHeader }

/**
 * Reads the header of `source`, and of the other parts when it is one part of a split model (any of them). Closing the tensor source closes
 * every part, `source` included; a failed read closes the parts it opened itself.
 * @throws FsError with a `gguf/` code for anything malformed, missing or contradictory
 */
export async function readGguf(source: ByteSource, options: ReadGgufOptions = {}): Promise<GgufFile> {
  const strictness = options.strictness ?? 'strict'
  const given: Part = { source, header: await readGgufHeader(source, strictness, options.onProblem) }
  const parts = await allParts(given, options, strictness)
  try {
    return join(parts)
  } catch (error) {
    await closeOthers(parts, source)
    throw error
  }
}

async function allParts(given: Part, options: ReadGgufOptions, strictness: Strictness): Promise<readonly Part[]> {
  const count = integer(given, 'split.count') ?? 1
  // A merged model keeps the key with the value 0 (gguf-split.cpp, gguf_merge).
  if (count <= 1) return [given]
  const file = given.source.name
  const name = parseSplitName(file)
  if (name === undefined || name.count !== count) {
    throw fail(
      'gguf/split-name',
      `${file} says it is one of ${count} parts; its name has to end in ${splitName('', 1, count)} or its like`,
      { file, count },
    )
  }
  const { openShard } = options
  if (openShard === undefined) {
    throw fail('gguf/split-missing', `${file} is one of ${count} parts; open it from the folder that has them all`, { file, count })
  }
  const parts: Part[] = []
  try {
    for (let number = 1; number <= count; number++) {
      if (number === name.number) {
        parts.push(given)
        continue
      }
      const shardName = splitName(name.prefix, number, count)
      const source = await openShard(shardName).catch((cause) => {
        throw fail(
          'gguf/split-missing',
          `${shardName} is missing; all ${count} parts have to be in the folder of ${file}`,
          { file: shardName, count },
          cause,
        )
      })
      parts.push({ source, header: emptyHeader })
      parts[parts.length - 1] = { source, header: await readGgufHeader(source, strictness, options.onProblem) }
    }
    return parts
  } catch (error) {
    await closeOthers(parts, given.source)
    throw error
  }
}

/** Stands in while a part's header is read, so that a failure still closes its file. */
const emptyHeader: GgufHeader = {
  version: 3,
  endianness: 'little',
  alignment: 32,
  metadata: new Map(),
  tensors: [],
  dataOffset: 0,
  problems: [],
}

function join(parts: readonly Part[]): GgufFile {
  const first = parts[0]!
  if (parts.length > 1) for (const [index, part] of parts.entries()) checkPart(part, index, parts)
  const tensors = new Map<string, TensorInfo>()
  parts.forEach(({ header, source }, file) => {
    for (const tensor of header.tensors) {
      if (tensors.has(tensor.name)) {
        throw fail('gguf/duplicate-tensor', `${source.name}: tensor "${tensor.name}" is in an earlier part as well`, {
          tensor: tensor.name,
        })
      }
      tensors.set(tensor.name, { ...tensor, file })
    }
  })
  const declared = integer(first, 'split.tensors.count')
  const problems = parts.flatMap((part) => part.header.problems)
  if (parts.length > 1 && declared !== undefined && declared !== tensors.size && problems.length === 0) {
    throw fail('gguf/split-mismatch', `${first.source.name} declares ${declared} tensors over all parts; they hold ${tensors.size}`, {
      declared,
    })
  }
  const files = parts.map((part) => part.source)
  const { version, endianness, alignment, metadata, dataOffset } = first.header
  return {
    version,
    endianness,
    alignment,
    metadata,
    tensors: { files, tensors, close: async () => void (await Promise.all(files.map((file) => file.close()))) },
    dataOffset,
    problems,
  }
}

function checkPart(part: Part, index: number, parts: readonly Part[]): void {
  const { name } = part.source
  const number = integer(part, 'split.no')
  if (number !== index)
    throw fail('gguf/split-mismatch', `${name}: split.no is ${number ?? 'missing'}, its place is ${index}`, { file: name, expected: index })
  const count = integer(part, 'split.count')
  if (count !== parts.length) {
    throw fail('gguf/split-mismatch', `${name}: split.count is ${count ?? 'missing'}, there are ${parts.length} parts`, {
      file: name,
      expected: parts.length,
    })
  }
  if (part.header.endianness !== parts[0]!.header.endianness) {
    throw fail('gguf/split-mismatch', `${name} has another byte order than the first part`, { file: name })
  }
}

/** An integer the container itself needs, whatever width it was written in. */
function integer(part: Part, key: string): number | undefined {
  const stored = part.header.metadata.get(key)
  if (stored === undefined) return undefined
  const value = typeof stored.value === 'bigint' ? Number(stored.value) : stored.value
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  throw fail('gguf/metadata-type', `${part.source.name}: ${key} is not a whole number (${stored.type})`, {
    file: part.source.name,
    key,
    type: stored.type,
  })
}

async function closeOthers(parts: readonly Part[], given: ByteSource): Promise<void> {
  await Promise.all(parts.map(({ source }) => (source === given ? undefined : source.close())))
}
