// The tokenizer section of a bundle: tokenizer.json compressed behind its length, or a SentencePiece model as it is. What they say is not read here.
import { litertlmError } from '../errors.ts'

/** As the tokenizers of this toolkit: no known tokenizer.json has a tenth of it. */
const MOST_JSON_BYTES = 256 * 1024 * 1024
const LENGTH_BYTES = 8

/** A section of type `huggingface-tokenizer`: the length of tokenizer.json as 64-bit number, then its zlib stream. */
export async function packTokenizerJson(json: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const compressed = await collect(piped(json, new CompressionStream('deflate')), Number.POSITIVE_INFINITY)
  const section = new Uint8Array(LENGTH_BYTES + compressed.length)
  new DataView(section.buffer).setBigUint64(0, BigInt(json.length), true)
  section.set(compressed, LENGTH_BYTES)
  return section
}

/**
 * The bytes of tokenizer.json in a section. Inflates no more than the section says.
 * @param file its name, for messages
 * @throws FsError `litertlm/tokenizer` when the length lies, is beyond any tokenizer, or the stream is damaged
 */
export async function unpackTokenizerJson(section: Uint8Array, file: string): Promise<Uint8Array<ArrayBuffer>> {
  const damaged = (reason: string, cause?: unknown) =>
    litertlmError('litertlm/tokenizer', `${file}: its tokenizer section ${reason}; download it again`, { file }, cause)
  if (section.length < LENGTH_BYTES) throw damaged(`has ${section.length} bytes, fewer than the length at its start`)
  const length = new DataView(section.buffer, section.byteOffset).getBigUint64(0, true)
  if (length > MOST_JSON_BYTES) throw damaged(`declares ${length} bytes, more than the ${MOST_JSON_BYTES} allowed`)
  let json: Uint8Array<ArrayBuffer>
  try {
    json = await collect(piped(Uint8Array.from(section.subarray(LENGTH_BYTES)), new DecompressionStream('deflate')), Number(length))
  } catch (cause) {
    throw damaged(`is no zlib stream (${(cause as Error).message})`, cause)
  }
  if (json.length !== Number(length)) throw damaged(`holds another number of bytes than the ${length} it declares`)
  return json
}

function piped(bytes: Uint8Array<ArrayBuffer>, through: CompressionStream | DecompressionStream): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([bytes]).stream().pipeThrough(through)
}

/** Everything a stream gives, but at most one byte more than `most`: enough to see that there is too much. */
async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const part of stream) {
    parts.push(part)
    length += part.length
    if (length > most) break
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}
