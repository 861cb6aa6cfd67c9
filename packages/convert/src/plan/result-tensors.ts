// The tensors a converted model will hold, in one of the three forms: name, shape, and which stored tensors each comes from.
// Types and places come later.
import { formOf, type StorageForm } from '@fs/arch'
import { composeChains, inverseChain, type Transform, transformShapes } from '@fs/arch/transforms'
import type { TensorInfo } from '@fs/core'
import type { OpenedModel } from '../open-model.ts'

/** A tensor of the result before anyone decided how to encode it. */
export type ResultTensor = {
  readonly name: string
  readonly shape: readonly number[]
  readonly inputs: readonly TensorInfo[]
  readonly chain: readonly Transform[]
  readonly part: number
}

/**
 * In the order of the checkpoint's tensors, which is the order llama.cpp's converter writes; a tensor made of several
 * stands where its last part does.
 * @throws FsError `arch/transform-shape` when a transform cannot take the stored tensors
 */
export function resultTensors(model: OpenedModel, target: StorageForm): readonly ResultTensor[] {
  const stored = model.checkpoint.tensors.tensors
  const order = new Map([...stored.keys()].map((name, index) => [name, index]))
  const results = model.weights.flatMap((weight) => {
    const inputs = weight.stored.map((name) => contiguousColumns(stored.get(name)!))
    const form = formOf(weight.row, target)
    const chain = composeChains(inputs[0]!.chain, inverseChain(weight.store), form.store)
    let shapes: readonly (readonly number[])[] = inputs.map(({ tensor }) => tensor.shape)
    for (const transform of chain) shapes = transformShapes(transform, shapes)
    const position = Math.max(...weight.stored.map((name) => order.get(name)!))
    return shapes.map((shape, part) => ({
      position,
      name: form.names[part]!,
      shape,
      inputs: inputs.map(({ tensor }) => tensor),
      chain,
      part,
    }))
  })
  return results.sort((left, right) => left.position - right.position).map(({ position: _, ...tensor }) => tensor)
}

/** A view whose columns are contiguous is the transpose of a plain matrix; saying so lets it be read in whole rows. */
function contiguousColumns(tensor: TensorInfo): { readonly tensor: TensorInfo; readonly chain: readonly Transform[] } {
  const { shape, strides } = tensor
  if (strides === undefined || shape.length !== 2 || strides[0] !== 1 || strides[1] !== shape[0]) return { tensor, chain: [] }
  const { strides: _, ...plain } = tensor
  return { tensor: { ...plain, shape: [shape[1]!, shape[0]!] }, chain: [{ kind: 'transpose' }] }
}
