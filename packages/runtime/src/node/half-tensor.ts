// Tensors of halves as onnxruntime-node's binding takes them. Only halves are special; everything else is the library's own.

import type { TensorConstructor } from 'onnxruntime-common'
import { Tensor } from 'onnxruntime-node'

/**
 * The library's constructor puts halves into a Float16Array where JavaScript has one, which its own binding does not know (1.30, Node 24): it
 * wants the bits. transformers.js replaces them in the same way (src/models/session.js).
 */
export const BitTensor = new Proxy(Tensor, {
  construct(target, parameters: ConstructorParameters<typeof Tensor>) {
    const tensor = new target(...parameters)
    const { data } = tensor
    if (tensor.type === 'float16' && !(data instanceof Uint16Array)) {
      const { buffer, byteOffset, byteLength } = data as ArrayBufferView
      Object.assign(tensor, { cpuData: new Uint16Array(buffer, byteOffset, byteLength / 2) })
    }
    return tensor
  },
}) as TensorConstructor
