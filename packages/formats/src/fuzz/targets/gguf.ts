// Fuzzes the GGUF reader with files whose counts, lengths, types and offsets lie now and then. Both byte orders and all versions.
import { GGML_TYPES } from '@fs/core'
import { readGguf } from '../../gguf/read-gguf.ts'
import { concat, maybeLie } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

type Writer = {
  readonly number: (bytes: 1 | 2 | 4 | 8, value: number | bigint) => Uint8Array
  readonly length: (value: number) => Uint8Array
}

const encoder = new TextEncoder()
const KEYS = ['general.architecture', 'general.alignment', 'split.count', '__proto__', 'key.0', ''] as const
const NAMES = ['t0', 't1', '__proto__', ''] as const
const TYPES = Object.values(GGML_TYPES)

function writerFor(random: Random, version: number, big: boolean): Writer {
  const number = (bytes: 1 | 2 | 4 | 8, value: number | bigint) => {
    const told = maybeLie(random, value)
    const result = Uint8Array.from({ length: bytes }, (_, index) => Number((told >> BigInt(8 * index)) & 0xffn))
    return big ? result.reverse() : result
  }
  return { number, length: (value) => number(version === 1 ? 4 : 8, value) }
}

function text(writer: Writer, value: string): Uint8Array {
  const bytes = encoder.encode(value)
  return concat(writer.length(bytes.length), bytes)
}

const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8] as const

function value(random: Random, writer: Writer, type: number, depth: number): Uint8Array {
  if (type === 8) return text(writer, random.pick(['', 'llama', '\u{1f600}', 'x'.repeat(random.below(40))]))
  if (type === 9) {
    const of = depth < 6 && random.oneIn(4) ? 9 : random.pick([0, 4, 5, 6, 7, 8, 10, 12])
    const count = random.below(5)
    return concat(writer.number(4, of), writer.length(count), ...Array.from({ length: count }, () => value(random, writer, of, depth + 1)))
  }
  return writer.number((SIZES[type] ?? 1) as 1 | 2 | 4 | 8, random.below(2))
}

function pair(random: Random, writer: Writer, index: number): Uint8Array {
  const key = random.oneIn(8) ? random.pick(KEYS) : `key.${index}`
  if (key === 'general.alignment') return concat(text(writer, key), writer.number(4, 4), writer.number(4, random.pick([8, 16, 32, 64])))
  const type = random.below(13)
  return concat(text(writer, key), writer.number(4, type), value(random, writer, type, 0))
}

function build(random: Random): Uint8Array {
  const version = random.pick([3, 3, 2, 1])
  const writer = writerFor(random, version, version > 1 && random.oneIn(4))
  const pairs = Array.from({ length: random.below(5) }, (_, index) => pair(random, writer, index))
  let offset = 0
  const records = Array.from({ length: random.below(5) }, (_, index) => {
    const type = random.pick(TYPES)
    const shape = [type.blockSize * random.below(3), ...Array.from({ length: random.below(3) }, () => random.below(4))]
    const size = (shape.reduce((product, dimension) => product * dimension, 1) / type.blockSize) * type.blockBytes
    const record = concat(
      text(writer, random.oneIn(20) ? random.pick(NAMES) : `t${index}`),
      writer.number(4, shape.length),
      ...shape.map((dimension) => writer.length(dimension)),
      writer.number(4, type.id),
      writer.number(8, offset),
    )
    offset += Math.ceil(size / 32) * 32
    return record
  })
  const header = concat(
    encoder.encode('GGUF'),
    writer.number(4, version),
    writer.length(records.length),
    writer.length(pairs.length),
    ...pairs,
    ...records,
  )
  return concat(header, new Uint8Array((32 - (header.length % 32)) % 32), new Uint8Array(offset))
}

export const gguf: FuzzTarget = { id: 'gguf', build, read: (source) => readGguf(source) }

/** The same files for the reader that goes on: it sees more of them and must hold to the same promise. */
export const lenientGguf: FuzzTarget = { id: 'gguf-lenient', build, read: (source) => readGguf(source, { strictness: 'lenient' }) }
