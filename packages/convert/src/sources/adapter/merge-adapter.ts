// Merges a PEFT LoRA adapter into an opened model: every weight it names becomes the weight plus what the adapter adds to it.
// Headers are all that is read; the sums are computed when the result is written.
import { type BoundWeight, formOf } from '@fs/arch'
import { composeChains, inverseChain, type Transform } from '@fs/arch/transforms'
import type { Checkpoint, TensorInfo } from '@fs/core'
import { convertError } from '../../errors.ts'
import type { OpenedModel } from '../../open-model.ts'
import { inItsLayout, type ModelTensor, type SourceTensor, shapeOf } from '../../source-tensor.ts'
import { lowRankSum } from '../low-rank.ts'
import { readAdapterConfig } from './adapter-config.ts'
import { type LowRankPair, readAdapterTensors } from './adapter-tensors.ts'

/** Where a tensor of the adapter belongs: the model's own tensor, and the way from its layout to Hugging Face's. */
type Target = { readonly name: string; readonly tensor: ModelTensor; readonly toHuggingFace: readonly Transform[] }

/** @throws FsError `convert/adapter-kind`, `convert/adapter-part`, `convert/adapter-target`, `convert/low-rank-shape` */
export async function mergeAdapter(model: OpenedModel, adapter: Checkpoint): Promise<OpenedModel> {
  const config = await readAdapterConfig(adapter)
  const { pairs, replaced } = readAdapterTensors(adapter)
  const { files, tensors, close } = model.checkpoint.tensors
  const behind = (tensor: TensorInfo): TensorInfo => ({ ...tensor, file: files.length + tensor.file })
  const merged = new Map(model.tensors)
  for (const [name, tensor] of replaced) {
    const target = targetOf(model, name, adapter)
    merged.set(target.name, replacement(target, behind(tensor), adapter))
  }
  for (const pair of pairs) {
    const target = targetOf(model, `${pair.layer}.weight`, adapter)
    const base = inItsLayout({ tensor: target.tensor.tensor, chain: composeChains(target.tensor.chain, target.toHuggingFace) })
    const scale = config.scaleOf(pair.layer, pair.down.shape[0] ?? 1)
    const [up, down] = factors({ ...pair, up: behind(pair.up), down: behind(pair.down) }, config.transposed)
    merged.set(target.name, { tensor: lowRankSum(base, up, down, scale), chain: inverseChain(target.toHuggingFace) })
  }
  const source = {
    files: [...files, ...adapter.tensors.files],
    tensors,
    close: async () => {
      await Promise.all([close(), adapter.tensors.close()])
    },
  }
  const trainedOn = config.trainedOn === undefined ? '' : ` (trained on ${config.trainedOn})`
  const changed = pairs.length + replaced.size
  const message = `the adapter ${adapter.name}${trainedOn} is merged into ${changed} ${changed === 1 ? 'weight' : 'weights'}`
  return {
    ...model,
    checkpoint: { ...model.checkpoint, tensors: source, close: source.close },
    tensors: merged,
    notices: [...model.notices, { code: 'convert/adapter', message }],
  }
}

/** Two matrices whose product has the shape of the stored weight; transposing a product swaps and transposes its factors. */
function factors({ of, up, down }: LowRankPair, transposed: boolean): readonly [up: SourceTensor, down: SourceTensor] {
  const swapped = (of === 'embedding') !== (of === 'linear' && transposed)
  if (!swapped) return [up, down]
  const turned = (tensor: TensorInfo): SourceTensor => inItsLayout({ tensor, chain: [{ kind: 'transpose' }] })
  return [turned(down), turned(up)]
}

function replacement(target: Target, tensor: TensorInfo, adapter: Checkpoint): ModelTensor {
  const existing = shapeOf({ tensor: target.tensor.tensor, chain: composeChains(target.tensor.chain, target.toHuggingFace) })
  if (existing.join() === tensor.shape.join()) return { tensor, chain: inverseChain(target.toHuggingFace) }
  throw convertError(
    'convert/adapter-target',
    `the adapter ${adapter.name} replaces ${tensor.name} by one of shape [${tensor.shape.join(', ')}], where the model has [${existing.join(', ')}]; merge it with PEFT, whose result has the new vocabulary`,
    { adapter: adapter.name, tensor: tensor.name },
  )
}

/** @param name as the model's Hugging Face checkpoint spells it, in any of the family's spellings */
function targetOf(model: OpenedModel, name: string, adapter: Checkpoint): Target {
  const standard = standardName(model, name)
  const weight = model.weights.find(({ row }) => row.huggingFace.names.includes(standard))
  if (weight === undefined) {
    throw convertError(
      'convert/adapter-target',
      `the adapter ${adapter.name} changes ${name}, which ${model.checkpoint.name} does not have; it was made for another model`,
      { adapter: adapter.name, tensor: name },
    )
  }
  const stored =
    model.form === 'huggingFace' ? weight.stored[weight.row.huggingFace.names.indexOf(standard)]! : onlyStored(model, weight, name)
  return { name: stored, tensor: model.tensors.get(stored)!, toHuggingFace: wayToHuggingFace(model, weight) }
}

function wayToHuggingFace({ form }: OpenedModel, { row, store }: BoundWeight): readonly Transform[] {
  return form === 'huggingFace' ? [] : composeChains(inverseChain(store), formOf(row, 'huggingFace').store)
}

/** A container that joins or splits weights otherwise has no single tensor to add to. */
function onlyStored(model: OpenedModel, { row, stored }: BoundWeight, name: string): string {
  if (stored.length === 1 && row.huggingFace.names.length === 1) return stored[0]!
  throw convertError(
    'convert/adapter-target',
    `the adapter changes ${name}, which ${model.checkpoint.name} keeps together with other weights; merge it into the Hugging Face checkpoint instead`,
    { tensor: name },
  )
}

/** The embedding is named too, since a head alone would be taken for a tied embedding. */
function standardName({ description }: OpenedModel, name: string): string {
  const embedding = description.weights.find(({ canonical }) => canonical[0] === 'embedding.tokens.weight')!.huggingFace.names[0]!
  const names = description.architecture.standardNames(new Set([embedding, name]))
  return [...names].find(([, stored]) => stored === name)?.[0] ?? name
}
