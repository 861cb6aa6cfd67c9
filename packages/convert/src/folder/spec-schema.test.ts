import type { DecoderSpec, EncoderSpec } from '@fs/arch'
import { expectTypeOf, test } from 'vitest'
import type * as z from 'zod'
import type { decoderSchema, encoderSchema } from './spec-schema.ts'

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T

test('the schema says just what a description can say: a new word there does not compile until it is here', () => {
  expectTypeOf<Frozen<z.infer<typeof decoderSchema>>>().toExtend<DecoderSpec>()
  expectTypeOf<DecoderSpec>().toExtend<Frozen<z.infer<typeof decoderSchema>>>()
  expectTypeOf<Frozen<z.infer<typeof encoderSchema>>>().toExtend<EncoderSpec>()
  expectTypeOf<EncoderSpec>().toExtend<Frozen<z.infer<typeof encoderSchema>>>()
})
