// The four files of a prompt's logits that llama.cpp's model-conversion example writes and compares: `NAME.bin` float32, `NAME.txt`,
// `NAME-prompt.txt`, `NAME-tokens.bin` int32, little-endian (scripts/utils/common.py, examples/debug/debug.cpp). Pure bytes; no file is touched.
import { evalError } from '../errors.ts'

export type LogitsSet = {
  readonly tokens: readonly number[]
  /** Row-major; of the last position, or of every one. */
  readonly logits: Float32Array
}

/** Names of the files from that of the `.bin`. */
export function logitsSetFiles(bin: string): {
  readonly bin: string
  readonly text: string
  readonly prompt: string
  readonly tokens: string
} {
  const stem = bin.replace(/\.bin$/, '')
  return { bin: `${stem}.bin`, text: `${stem}.txt`, prompt: `${stem}-prompt.txt`, tokens: `${stem}-tokens.bin` }
}

/** Contents by file name. @param bin name of the `.bin` file */
export function encodeLogitsSet(bin: string, prompt: string, { tokens, logits }: LogitsSet): ReadonlyMap<string, Uint8Array> {
  const names = logitsSetFiles(bin)
  const encoder = new TextEncoder()
  const lines: string[] = []
  for (const [index, value] of logits.entries()) lines.push(`${index}: ${value.toFixed(6)}\n`)
  return new Map([
    [names.bin, littleEndian(logits.length, (view, index) => view.setFloat32(4 * index, logits[index]!, true))],
    [names.text, encoder.encode(lines.join(''))],
    [names.prompt, encoder.encode(`prompt: ${prompt}\nn_tokens: ${tokens.length}\ntoken ids: ${tokens.join(', ')}\n`)],
    [names.tokens, littleEndian(tokens.length, (view, index) => view.setInt32(4 * index, tokens[index]!, true))],
  ])
}

/**
 * @param bin contents of `NAME.bin`
 * @param tokens contents of `NAME-tokens.bin`
 * @throws FsError `eval/logits-set`
 */
export function readLogitsSet(name: string, bin: Uint8Array, tokens: Uint8Array): LogitsSet {
  if (bin.length === 0 || bin.length % 4 !== 0 || tokens.length === 0 || tokens.length % 4 !== 0) {
    throw evalError(
      'eval/logits-set',
      `${name}: ${bin.length} bytes of logits and ${tokens.length} of tokens; both must be whole numbers of 4 bytes, and some`,
      { file: name, logits: bin.length, tokens: tokens.length },
    )
  }
  const [values, ids] = [viewOf(bin), viewOf(tokens)]
  const logits = Float32Array.from({ length: bin.length / 4 }, (_, index) => values.getFloat32(4 * index, true))
  const wrong = logits.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0)
    throw evalError('eval/logits-set', `${name}: number ${wrong} is not finite; make the file again`, { file: name, index: wrong })
  return { logits, tokens: Array.from({ length: tokens.length / 4 }, (_, index) => ids.getInt32(4 * index, true)) }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function littleEndian(length: number, set: (view: DataView, index: number) => void): Uint8Array {
  const bytes = new Uint8Array(4 * length)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < length; index++) set(view, index)
  return bytes
}
