// Random metadata and tensors for property tests: everything GGUF can express, in small.
import { GGML_TYPES, type GgmlType, type MetadataArray, type MetadataValue } from '@fs/core'
import fc from 'fast-check'

const numbers = {
  UINT8: fc.integer({ min: 0, max: 0xff }),
  INT8: fc.integer({ min: -0x80, max: 0x7f }),
  UINT16: fc.integer({ min: 0, max: 0xffff }),
  INT16: fc.integer({ min: -0x8000, max: 0x7fff }),
  UINT32: fc.integer({ min: 0, max: 0xffffffff }),
  INT32: fc.integer({ min: -0x80000000, max: 0x7fffffff }),
  FLOAT32: fc.float(),
  FLOAT64: fc.double(),
} as const
type NumberName = keyof typeof numbers
const arrays = {
  UINT8: Uint8Array,
  INT8: Int8Array,
  UINT16: Uint16Array,
  INT16: Int16Array,
  UINT32: Uint32Array,
  INT32: Int32Array,
  FLOAT32: Float32Array,
  FLOAT64: Float64Array,
} as const satisfies { [Name in NumberName]: unknown }

const numberNames = Object.keys(numbers) as NumberName[]
const bigints = {
  UINT64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  INT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
} as const
const string = fc.string({ unit: 'binary' })

const array: fc.Arbitrary<MetadataArray> = fc.letrec<{ array: MetadataArray }>((tie) => ({
  array: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    ...numberNames.map((of) => fc.array(numbers[of]).map((value): MetadataArray => ({ type: 'ARRAY', of, value: arrays[of].from(value) }))),
    fc.array(bigints.UINT64).map((value): MetadataArray => ({ type: 'ARRAY', of: 'UINT64', value })),
    fc.array(bigints.INT64).map((value): MetadataArray => ({ type: 'ARRAY', of: 'INT64', value })),
    fc.array(fc.boolean()).map((value): MetadataArray => ({ type: 'ARRAY', of: 'BOOL', value })),
    fc.array(string).map((value): MetadataArray => ({ type: 'ARRAY', of: 'STRING', value })),
    fc.array(tie('array'), { maxLength: 3 }).map((value): MetadataArray => ({ type: 'ARRAY', of: 'ARRAY', value })),
  ),
})).array

const value: fc.Arbitrary<MetadataValue> = fc.oneof(
  ...numberNames.map((type) => numbers[type].map((number): MetadataValue => ({ type, value: number }))),
  bigints.UINT64.map((number): MetadataValue => ({ type: 'UINT64', value: number })),
  bigints.INT64.map((number): MetadataValue => ({ type: 'INT64', value: number })),
  fc.boolean().map((flag): MetadataValue => ({ type: 'BOOL', value: flag })),
  string.map((text): MetadataValue => ({ type: 'STRING', value: text })),
  array,
)

/** Any metadata, keys included; `general.alignment` is left to tests of its own. */
export const metadataArbitrary: fc.Arbitrary<ReadonlyMap<string, MetadataValue>> = fc
  .array(fc.tuple(fc.string({ minLength: 1, unit: 'binary' }), value), { maxLength: 8 })
  .map((pairs) => new Map(pairs.filter(([key]) => key !== 'general.alignment')))

/** GGUF names have at most 63 bytes. */
const name = fc.string({ minLength: 1, maxLength: 15, unit: 'grapheme' }).filter((text) => new TextEncoder().encode(text).length < 64)
const names = fc.uniqueArray(name, { maxLength: 6 })
const type = fc.constantFrom(...(Object.keys(GGML_TYPES) as GgmlType[]))

/** Up to six tensors of any type with rows of whole blocks, some without elements. */
export const tensorsArbitrary: fc.Arbitrary<readonly { name: string; type: GgmlType; shape: number[] }[]> = names.chain((list) =>
  fc.tuple(
    ...list.map((tensor) =>
      fc
        .tuple(type, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.integer({ min: 0, max: 3 }))
        .map(([chosen, outer, blocks]) => ({
          name: tensor,
          type: chosen,
          shape: [...outer, blocks * GGML_TYPES[chosen].blockSize],
        })),
    ),
  ),
)
