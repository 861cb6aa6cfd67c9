// Every reference checkpoint, converted to every type, against what llama.cpp's converter and quantizer made of it:
// tensors by name, type, shape and SHA-256, metadata by key, type and value.
import { createHash } from 'node:crypto'
import { openModel } from '@fs/convert'
import { executeInline } from '@fs/convert/inline'
import { type ConversionPlan, planGguf, planRequantize } from '@fs/convert/plan'
import type { ByteSource, MetadataArray, MetadataValue } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { readGguf } from '@fs/formats/gguf'
import { openPath } from '@fs/formats/node'
import { wasmRowCodec } from '@fs/quant/wasm'
import { describe, expect, test } from 'vitest'
import { absent, type ReferenceFile, type ReferenceValue, referenceModels } from './reference-models.test-support.ts'

const isQuantized = (type: string): boolean => type.startsWith('quantize:')
const quantOf = (type: string): string => type.replace('quantize:', '')

if (absent !== undefined) test.skip(`reference conversions: ${absent}`, () => undefined)

describe.each(referenceModels().map((model) => [model.name, model] as const))(
  '%s',
  (_, model) => {
    const types = Object.keys(model.files)
    // One reading of the checkpoint feeds all types, as `--quant A,B,C` does.
    const converted = lazy(() => convert(model.path, types.filter((type) => !isQuantized(type)).concat('Q4_0', 'Q4_K_M')))
    const quantized = lazy(async () => requantize((await converted()).get('f32')!, types.filter(isQuantized).map(quantOf)))

    test.each(types)('%s equals llama.cpp', async (type) => {
      const made = (await (isQuantized(type) ? quantized() : converted())).get(quantOf(type))!
      const reference = model.files[type]!
      expect(await tensorsOf(made)).toEqual(reference.tensors)
      expect(await differences(made, reference, model.files.f32!)).toEqual([])
    })

    test.runIf(types.some(isQuantized)).each(['Q4_0', 'Q4_K_M'])('%s in one pass equals the same in two', async (type) => {
      expect(Buffer.from((await converted()).get(type)!).equals((await quantized()).get(type)!)).toBe(true)
    })
  },
  120_000,
)

type Files = ReadonlyMap<string, Uint8Array>

/** Computes when first asked, then remembers: a test that is filtered out costs nothing. */
function lazy<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= compute())
}

async function convert(path: string, quants: readonly string[]): Promise<Files> {
  const checkpoint = await openPath(path)
  const { plan } = await planGguf(await openModel(checkpoint), { quants, pathFor: (type) => type })
  const files = await execute(plan, checkpoint.tensors.files, quants)
  await checkpoint.close()
  return files
}

/** What the `quantize` command does to a float32 file. */
async function requantize(float32: Uint8Array, quants: readonly string[]): Promise<Files> {
  const folder = {
    name: 'f32',
    files: new Map([['f32.gguf', { size: float32.length }]]),
    open: async () => memorySource(float32, 'f32.gguf'),
  }
  const checkpoint = await openCheckpoint(folder, 'f32.gguf')
  const { plan } = planRequantize(checkpoint, { quants, pathFor: (type) => type })
  return execute(plan, checkpoint.tensors.files, quants)
}

async function execute(plan: ConversionPlan, sources: readonly ByteSource[], quants: readonly string[]): Promise<Files> {
  const outputs = plan.outputs.map((output) => new Uint8Array(output.size))
  const codec = await wasmRowCodec()
  await executeInline(plan, sources, codec, async (output, offset, bytes) => outputs[output]!.set(bytes, offset))
  codec.dispose()
  return new Map(outputs.map((bytes, index) => [quants[index]!, bytes]))
}

async function tensorsOf(bytes: Uint8Array) {
  const { tensors } = await readGguf(memorySource(bytes, 'made.gguf'))
  return Object.fromEntries(
    [...tensors.tensors.values()].map(({ name, type, shape, offset, byteLength }) => {
      const sha256 = createHash('sha256')
        .update(bytes.subarray(offset, offset + byteLength))
        .digest('hex')
      return [name, { type, shape: shape.toReversed(), sha256 }]
    }),
  )
}

/** Quantized files list only what quantizing changed; the rest is that of the float32 file they were made from. */
async function differences(bytes: Uint8Array, reference: ReferenceFile, float32: ReferenceFile): Promise<readonly string[]> {
  const { metadata } = await readGguf(memorySource(bytes, 'made.gguf'))
  const expected: { [key: string]: ReferenceValue } = {
    ...('general.architecture' in reference.metadata ? {} : float32.metadata),
    ...reference.metadata,
  }
  const keys = new Set([...Object.keys(expected), ...metadata.keys()])
  return [...keys].filter((key) => JSON.stringify(expected[key]) !== JSON.stringify(referenceForm(metadata.get(key), expected[key])))
}

function referenceForm(value: MetadataValue | undefined, like: ReferenceValue | undefined): ReferenceValue | undefined {
  if (value === undefined) return undefined
  if (value.type !== 'ARRAY') return { types: [value.type], value: typeof value.value === 'bigint' ? Number(value.value) : value.value }
  const items = Array.from(value.value as ArrayLike<unknown>)
  const types = ['ARRAY', value.of]
  if (like !== undefined && 'value' in like) return { types, value: items }
  return {
    types,
    length: items.length,
    sha256: createHash('sha256').update(pythonJson(value)).digest('hex'),
    ...(like !== undefined && 'head' in like ? { head: items.slice(0, (like.head as unknown[]).length) } : {}),
  }
}

/** Python's json.dumps(…, ensure_ascii=False) of a list of strings or numbers. */
function pythonJson(array: MetadataArray): string {
  const items = Array.from(array.value as ArrayLike<unknown>, (item) =>
    typeof item === 'string' ? pythonString(item) : array.of === 'FLOAT32' ? pythonFloat(item as number) : String(item),
  )
  return `[${items.join(', ')}]`
}

const pythonString = (text: string): string =>
  JSON.stringify(text)
    .replace(/\\u([0-9a-f]{4})/g, (sequence) => sequence)
    .replaceAll('\u007f', '\u007f')

/** Python's repr of a double: like JavaScript's, but with `.0` on whole numbers and another threshold for exponents. */
function pythonFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? '-0' : value}.0`
  const exponent = Math.floor(Math.log10(Math.abs(value)))
  if (exponent >= -4) return String(value)
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
}
