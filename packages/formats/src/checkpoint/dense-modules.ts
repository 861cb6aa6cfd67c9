// Linear layers that sentence-transformers keeps in folders beside a checkpoint (`2_Dense/model.safetensors`): their tensors join the checkpoint's,
// as `2_Dense/linear.weight`. Which modules there are says modules.json; what they compute is for those who understand models.
import type { Folder, TensorInfo, TensorSource } from '@fs/core'
import { fail } from '../errors.ts'
import { isObject, readJson } from '../json/read-json-object.ts'
import { readPytorchTensors } from '../pytorch/read.ts'
import { readSafetensorsHeader } from '../safetensors/header.ts'

/** The folders of Dense modules, in the order they are applied. @throws FsError `json/…` when modules.json is none */
async function denseFolders(folder: Folder): Promise<readonly string[]> {
  if (!folder.files.has('modules.json')) return []
  const modules = await readJson(folder, 'modules.json')
  if (!Array.isArray(modules)) return []
  return modules.filter(isObject).flatMap(({ type, path }) => (String(type).endsWith('.Dense') && typeof path === 'string' ? [path] : []))
}

/**
 * The tensors of `model` behind those of its modules, which is where llama.cpp's converter puts them (conversion/gemma.py, generate_extra_tensors).
 * @throws FsError `checkpoint/module-missing` when a module has no weights, and what reading them refuses; `model` is left open then
 */
export async function withDenseModules(folder: Folder, model: TensorSource): Promise<TensorSource> {
  const added = await denseFolders(folder)
  if (added.length === 0) return model
  const files = [...model.files]
  const tensors = new Map<string, TensorInfo>()
  const close = async () => void (await Promise.all(files.slice(model.files.length).map((file) => file.close())))
  try {
    for (const path of added) {
      const name = ['model.safetensors', 'pytorch_model.bin'].map((file) => `${path}/${file}`).find((file) => folder.files.has(file))
      if (name === undefined) {
        throw fail(
          'checkpoint/module-missing',
          `modules.json of ${folder.name} names ${path}, but its weights are not there; download ${path}`,
          {
            file: `${path}/model.safetensors`,
          },
        )
      }
      const source = await folder.open(name)
      const file = files.push(source) - 1
      const found = name.endsWith('.safetensors')
        ? (await readSafetensorsHeader(source)).entries
        : (await readPytorchTensors(source)).tensors
      for (const tensor of found) tensors.set(`${path}/${tensor.name}`, { ...tensor, name: `${path}/${tensor.name}`, file })
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    files,
    tensors: new Map([...tensors, ...model.tensors]),
    close: async () => {
      await Promise.all([model.close(), close()])
    },
  }
}
