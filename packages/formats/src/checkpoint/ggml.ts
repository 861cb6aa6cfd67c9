// The containers of before GGUF as one container: ggml, ggmf, ggjt, and bare vocabularies.
import type { MetadataValue } from '@fs/core'
import { looksLikeBareVocabulary, readBareVocabulary } from '../ggml/bare-vocabulary.ts'
import { ADAPTER_MAGIC, GGML_CONTAINERS } from '../ggml/containers.ts'
import { ggmlMetadata, readGgml, vocabularyMetadata } from '../ggml/read.ts'
import { type Container, HEAD_BYTES } from './container.ts'

/** A LoRA adapter is taken too, so that its refusal can say what it is. */
const MAGICS: ReadonlySet<number> = new Set([...Object.values(GGML_CONTAINERS).map(({ magic }) => magic), ADAPTER_MAGIC])

export const ggml = {
  id: 'ggml',
  find(folder) {
    const files = [...folder.files.keys()].filter((name) => /^[^/]*ggml[^/]*\.bin$/i.test(name))
    return files.length === 1 ? files[0] : undefined
  },
  detect: ({ head }) => hasMagic(head) || looksLikeBareVocabulary(head),
  async open(folder, entry) {
    const source = await folder.open(entry)
    try {
      if (hasMagic(await source.read(0, Math.min(HEAD_BYTES, source.size)))) {
        const file = await readGgml(source)
        return { tensors: file.tensors, metadata: ggmlMetadata(file) }
      }
      const metadata = new Map<string, MetadataValue>([
        ['ggml.container', { type: 'STRING', value: 'vocabulary' }],
        ...vocabularyMetadata(await readBareVocabulary(source)),
      ])
      return { tensors: { files: [source], tensors: new Map(), close: () => source.close() }, metadata }
    } catch (error) {
      await source.close()
      throw error
    }
  },
} as const satisfies Container

function hasMagic(head: Uint8Array): boolean {
  return head.length >= 4 && MAGICS.has(new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true))
}
