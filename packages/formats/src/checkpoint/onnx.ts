// An ONNX model as a container: a graph that is run as it is. Its weights are no tensors anybody converts, so there are none here; what is in
// the graph is read by whoever runs it.
import type { JsonObject } from '@fs/core'
import { type Container, startsWith } from './container.ts'

/** A model file of a folder: beside the configuration, or in `onnx/` as transformers.js wants it. */
const MODEL_FILE = /^(?:onnx\/)?[^/]+\.onnx$/

/** How transformers.js names the file of each type of weights (src/utils/dtypes.js). */
const SUFFIXES: { readonly [dtype: string]: string } = {
  fp32: '',
  fp16: '_fp16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
}

export const onnx = {
  id: 'onnx',
  /** The file config.json names by its type of weights, else `model.onnx`, else the first by name. */
  find(folder, config: JsonObject | undefined) {
    const files = [...folder.files.keys()].filter((name) => MODEL_FILE.test(name)).sort()
    const named = (stem: string) => files.find((name) => name === `onnx/${stem}.onnx` || name === `${stem}.onnx`)
    const settings = config?.['transformers.js_config'] as JsonObject | null | undefined
    const dtype = settings?.dtype
    const suffix = typeof dtype === 'string' && Object.hasOwn(SUFFIXES, dtype) ? SUFFIXES[dtype] : undefined
    return (suffix === undefined ? undefined : named(`model${suffix}`)) ?? named('model') ?? files[0]
  },
  // A protobuf has no magic; the first field of a ModelProto is its version.
  detect: ({ head, name }) => name.endsWith('.onnx') && startsWith(head, '\u0008'),
  async open(folder, entry) {
    const names = [entry, ...[...folder.files.keys()].filter((name) => name.startsWith(`${entry}_data`) || name === `${entry}.data`)]
    const files: Awaited<ReturnType<typeof folder.open>>[] = []
    const close = async () => {
      for (const file of files) await file.close()
    }
    try {
      for (const name of names) files.push(await folder.open(name))
    } catch (error) {
      await close()
      throw error
    }
    return { tensors: { files, tensors: new Map(), close } }
  },
} as const satisfies Container
