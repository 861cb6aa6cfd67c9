// The tensors a converted model will hold, in one of the three forms: name, shape, and which stored tensors each comes from.
// Types and places come later.
import { formOf, type StorageForm, type WeightRow } from '@fs/arch'
import { composeChains, inverseChain, type Transform, transformShapes } from '@fs/arch/transforms'
import type { StoredForm } from '@fs/arch/weights'
import type { OpenedModel } from '../open-model.ts'
import { inItsLayout, isComputed, type ModelTensor, type SourceTensor } from '../source-tensor.ts'

/** A tensor of the result before anyone decided how to encode it. */
export type ResultTensor = {
  readonly name: string
  readonly shape: readonly number[]
  readonly inputs: readonly SourceTensor[]
  readonly chain: readonly Transform[]
  readonly part: number
}

/**
 * In the order of the checkpoint's tensors, which is the order llama.cpp's converter writes; a tensor made of several
 * stands where its last part does.
 * @throws FsError `arch/transform-shape` when a transform cannot take the stored tensors
 */
export function resultTensors(model: OpenedModel, target: StorageForm): readonly ResultTensor[] {
  return resultTensorsAs(model, (row) => formOf(row, target))
}

/** The same for any other way of naming and laying out each weight. */
export function resultTensorsAs(model: OpenedModel, formOfRow: (row: WeightRow) => StoredForm): readonly ResultTensor[] {
  const stored = model.tensors
  const order = new Map([...stored.keys()].map((name, index) => [name, index]))
  const results = model.weights.flatMap((weight) => {
    const sources = inputsOf(weight.stored.map((name) => contiguousColumns(stored.get(name)!)))
    const form = formOfRow(weight.row)
    const whole = composeChains(sources.chain, inverseChain(weight.store), form.store)
    const { inputs, chain } = transposedLast(sources.tensors, whole)
    let shapes: readonly (readonly number[])[] = inputs.map(({ shape }) => shape)
    for (const transform of chain) shapes = transformShapes(transform, shapes)
    const position = Math.max(...weight.stored.map((name) => order.get(name)!))
    return shapes.map((shape, part) => ({
      position,
      name: form.names[part]!,
      shape,
      inputs,
      chain,
      part,
    }))
  })
  return results.sort((left, right) => left.position - right.position).map(({ position: _, ...tensor }) => tensor)
}

/** The plain type that keeps a tensor's numbers where no other is asked for: its own, or float16 for quantized blocks. */
export function plainFloatOf({ type }: SourceTensor): 'F32' | 'F16' | 'BF16' {
  if (type === 'F64') return 'F32'
  return type === 'F32' || type === 'BF16' ? type : 'F16'
}

/** The chain of a single tensor goes before the others; several tensors are each brought to their layout first. */
function inputsOf(tensors: readonly ModelTensor[]): { readonly tensors: readonly SourceTensor[]; readonly chain: readonly Transform[] } {
  const [only] = tensors
  if (only !== undefined && tensors.length === 1) return { tensors: [only.tensor], chain: only.chain }
  return { tensors: tensors.map(inItsLayout), chain: [] }
}

/**
 * Rows that are moved and then transposed (query, key and value into GPT-2's Conv1D) come from more than one row of a file each, so the matrix
 * before the transpose is computed, a few rows at a time, and its columns are read.
 */
function transposedLast(
  tensors: readonly SourceTensor[],
  chain: readonly Transform[],
): { readonly inputs: readonly SourceTensor[]; readonly chain: readonly Transform[] } {
  const last = chain.at(-1)
  const before = chain.slice(0, -1)
  const plain = before.every(({ kind }) => kind === 'add' || kind === 'transpose')
  if (last?.kind !== 'transpose' || plain) return { inputs: tensors, chain }
  let shapes: readonly (readonly number[])[] = tensors.map(({ shape }) => shape)
  for (const transform of before) shapes = transformShapes(transform, shapes)
  const [first] = tensors
  const joined: SourceTensor = {
    name: first!.name,
    type: plainFloatOf(first!),
    shape: shapes[0]!,
    formula: { kind: 'rearranged', chain: before },
    operands: tensors,
  }
  return { inputs: [joined], chain: [last] }
}

/** A view whose columns are contiguous is the transpose of a plain matrix; saying so lets it be read in whole rows. */
function contiguousColumns(stored: ModelTensor): ModelTensor {
  const { tensor, chain } = stored
  if (isComputed(tensor)) return stored
  const { shape, strides } = tensor
  if (strides === undefined || shape.length !== 2 || strides[0] !== 1 || strides[1] !== shape[0]) return stored
  const { strides: _, ...plain } = tensor
  return { tensor: { ...plain, shape: [shape[1]!, shape[0]!] }, chain: composeChains([{ kind: 'transpose' }], chain) }
}
