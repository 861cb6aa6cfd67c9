// The tensors of a PEFT adapter by what they do: pairs of thin matrices added to a weight, and whole tensors that replace one.
// Facts: peft/utils/save_and_load.py, peft/tuners/lora/layer.py.
import type { Checkpoint, TensorInfo } from '@fs/core'
import { convertError } from '../../errors.ts'
import { refuse } from './adapter-config.ts'

/** up · down is [outputs, inputs] of a linear layer; an embedding's is transposed, [width, tokens]. */
export type LowRankPair = {
  readonly layer: string
  readonly of: 'linear' | 'embedding'
  readonly down: TensorInfo
  readonly up: TensorInfo
}

export type AdapterTensors = {
  readonly pairs: readonly LowRankPair[]
  /** By the name of the tensor they replace: modules trained as a whole, and biases. */
  readonly replaced: ReadonlyMap<string, TensorInfo>
}

/** What PEFT puts before the names of the model it wraps. */
const PREFIX = /^base_model\.model\./
const LINEAR = /^(.+)\.lora_([AB])(?:\.default)?\.weight$/
const EMBEDDING = /^(.+)\.lora_embedding_([AB])(?:\.default)?$/
const WHOLE = /^(.+?)(?:\.modules_to_save(?:\.default)?|\.base_layer)?\.(weight|bias)$/

/** @throws FsError `convert/adapter-kind` for tensors of other methods, `convert/adapter-part` for half a pair or none */
export function readAdapterTensors(adapter: Checkpoint): AdapterTensors {
  const halves = new Map<string, { readonly of: LowRankPair['of']; A?: TensorInfo; B?: TensorInfo }>()
  const replaced = new Map<string, TensorInfo>()
  for (const [stored, tensor] of adapter.tensors.tensors) {
    const name = stored.replace(PREFIX, '')
    const [linear, embedding] = [LINEAR.exec(name), EMBEDDING.exec(name)]
    const found = linear ?? embedding
    if (found !== null) {
      const layer = found[1]!
      const half = halves.get(layer) ?? { of: linear === null ? 'embedding' : 'linear' }
      halves.set(layer, { ...half, [found[2] as 'A' | 'B']: tensor })
      continue
    }
    const whole = name.includes('lora_') ? null : WHOLE.exec(name)
    if (whole === null) throw refuse(adapter, `has a tensor ${stored}, which no plain LoRA has; merge it with PEFT`)
    replaced.set(`${whole[1]}.${whole[2]}`, tensor)
  }
  if (halves.size === 0) throw incomplete(adapter, 'holds no matrices of a LoRA', '')
  const pairs = [...halves].map(([layer, { of, A: down, B: up }]): LowRankPair => {
    if (down === undefined || up === undefined) throw incomplete(adapter, `has only half of the pair for ${layer}`, layer)
    return { layer, of, down, up }
  })
  return { pairs, replaced }
}

function incomplete(adapter: Checkpoint, what: string, layer: string) {
  return convertError('convert/adapter-part', `the adapter ${adapter.name} ${what}; download it again`, {
    adapter: adapter.name,
    tensor: layer,
  })
}
