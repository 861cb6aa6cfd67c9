// GGUF as a container: one file, or the parts of a split model.
import { fail } from '../errors.ts'
import { readGguf } from '../gguf/read-gguf.ts'
import { parseSplitName } from '../gguf/split-name.ts'
import { type Container, startsWith } from './container.ts'

export const gguf = {
  id: 'gguf',
  find(folder) {
    const files = [...folder.files.keys()].filter((name) => /^[^/]+\.gguf$/.test(name) && (parseSplitName(name)?.number ?? 1) === 1)
    // Image projectors lie beside models and are none; importance matrices too, but a model may be named after its matrix.
    const candidates = files.filter((name) => !name.startsWith('mmproj'))
    const models = candidates.length > 1 ? candidates.filter((name) => !/imatrix/i.test(name)) : candidates
    if (models.length > 1) {
      throw fail(
        'checkpoint/ambiguous',
        `${folder.name} holds ${models.length} GGUF models (${models.slice(0, 3).join(', ')} …); name one of them`,
        {
          files: models,
        },
      )
    }
    return models[0]
  },
  // The backward magic is taken too, so that its refusal can say what it is.
  detect: ({ head }) => startsWith(head, 'GGUF') || startsWith(head, 'FUGG'),
  async open(folder, entry) {
    const source = await folder.open(entry)
    try {
      const { tensors, metadata } = await readGguf(source, { openShard: (name) => folder.open(name) })
      return { tensors, metadata }
    } catch (error) {
      await source.close()
      throw error
    }
  },
} as const satisfies Container
