// Opens a checkpoint that Meta divided over several GPUs: `consolidated.00.pth`, `consolidated.01.pth` and so on, each with a slice of the same tensors.
// Which way each is cut is for those who know the model.
import type { ByteSource, Folder, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { readPytorchTensors } from './read.ts'

/** Parts of a checkpoint. The largest published one, Llama 3.1 405B, has sixteen. */
const MOST_PARTS = 64

/**
 * Every part's tensors, under the part's name before their own: `consolidated.01/layers.0.attention.wq.weight`.
 * @param parts file names in order
 * @throws FsError `pytorch/model-parallel` when a part is missing among the others, and what reading a part refuses
 */
export async function readModelParallel(folder: Folder, parts: readonly string[]): Promise<TensorSource> {
  const missing = parts.findIndex((name, index) => name !== `consolidated.${String(index).padStart(2, '0')}.pth`)
  if (missing >= 0 || parts.length > MOST_PARTS) {
    throw fail(
      'pytorch/model-parallel',
      `${folder.name} has ${parts.length} parts of a checkpoint up to ${parts.at(-1)}, but not number ${missing}; download the part that is missing`,
      { parts: parts.length },
    )
  }
  const files: ByteSource[] = []
  const tensors = new Map<string, TensorInfo>()
  const close = async () => void (await Promise.all(files.map((file) => file.close())))
  try {
    for (const [file, part] of parts.entries()) {
      const source = await folder.open(part)
      files.push(source)
      for (const tensor of (await readPytorchTensors(source)).tensors) {
        const name = `${part.replace(/\.pth$/, '')}/${tensor.name}`
        tensors.set(name, { ...tensor, name, file })
      }
    }
    return { files, tensors, close }
  } catch (error) {
    await close()
    throw error
  }
}
