// Ways there and back for every reference checkpoint: a folder made of a model and turned into a GGUF gives the very GGUF that the model itself
// gives, tensor by tensor to the last bit and key by key. Nothing is excepted: no name, no order, no token.
import { openPath } from '@fs/formats/node'
import { describe, expect, test } from 'vitest'
import { absent, referenceModels } from './reference-models.test-support.ts'
import { convert, digests, plainMetadata, type Target } from './round-trip.test-support.ts'

if (absent !== undefined) test.skip(`round trips: ${absent}`, () => undefined)

const WAYS: readonly (readonly [from: 'checkpoint' | 'gguf', through: Exclude<Target, 'gguf'>])[] = [
  ['gguf', 'huggingface'],
  ['gguf', 'unified'],
  ['checkpoint', 'huggingface'],
  ['checkpoint', 'unified'],
]

describe.each(referenceModels().map((model) => [model.name, model] as const))('%s', (_, model) => {
  const direct = lazy(() => convert(() => openPath(model.path), 'gguf'))

  test.each(WAYS)('from %s through %s to GGUF is the GGUF made directly', async (from, through) => {
    const expected = await direct()
    const folder = await convert(from === 'gguf' ? expected.open : () => openPath(model.path), through)
    const made = await convert(folder.open, 'gguf')
    expect(await digests(made.open)).toEqual(await digests(expected.open))
    expect(await plainMetadata(made.open)).toEqual(await plainMetadata(expected.open))
  })

  test('a unified folder says the same whatever it was made from, but for the type of its weights', async () => {
    const configOf = async (source: Parameters<typeof convert>[0]) => {
      const { files } = await convert(source, 'unified', { precision: 'F32' })
      const { model_name: __, architecture, parameters, ...config } = JSON.parse(new TextDecoder().decode(files.get('config.json')))
      return config
    }
    const [fromCheckpoint, fromUnified] = [
      await configOf(() => openPath(model.path)),
      await configOf((await convert(() => openPath(model.path), 'unified')).open),
    ]
    expect(fromUnified).toEqual(fromCheckpoint)
  })
})

function lazy<T>(compute: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= compute())
}
