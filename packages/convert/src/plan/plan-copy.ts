// Plans a GGUF as it is in other files: cut into parts, or joined from them. Nothing is encoded anew.
import { type Checkpoint, isGgmlType, type MetadataValue } from '@fs/core'
import type { SplitLimit } from '@fs/formats/gguf'
import { convertError } from '../errors.ts'
import { assemblePlan } from './assemble-plan.ts'
import { ggufOutputs } from './gguf-outputs.ts'
import type { GgufPlan } from './plan-gguf.ts'

/**
 * @param path of the whole file; parts get their numbers before `.gguf`
 * @throws FsError `convert/not-gguf`, and what the layout refuses
 */
export function planCopy(checkpoint: Checkpoint, path: string, { split }: { readonly split?: SplitLimit }): GgufPlan {
  const { metadata, tensors } = checkpoint
  if (metadata === undefined || checkpoint.container !== 'gguf') {
    throw convertError('convert/not-gguf', `${checkpoint.name} is no GGUF file; convert it first`, { file: checkpoint.name })
  }
  const { outputs, placements } = ggufOutputs({
    path,
    metadata: split === undefined ? mergedMetadata(metadata) : metadata,
    tensors: [...tensors.tensors.values()].map((stored) => ({
      kind: 'result',
      tensor: { name: stored.name, shape: stored.shape, inputs: [stored], chain: [], part: 0 },
      type: isGgmlType(stored.type) ? stored.type : 'F32',
    })),
    firstOutput: 0,
    ...(split === undefined ? {} : { split }),
  })
  const planned = { type: 'copy', paths: outputs.map((output) => output.path), size: outputs.reduce((sum, output) => sum + output.size, 0) }
  return { plan: assemblePlan({ source: tensors, outputs, placements }), outputs: [planned], notices: [] }
}

/** llama-gguf-split keeps the keys and says there are no parts (gguf-split.cpp, gguf_merge). */
function mergedMetadata(metadata: ReadonlyMap<string, MetadataValue>): ReadonlyMap<string, MetadataValue> {
  if (!metadata.has('split.count')) return metadata
  return new Map(metadata).set('split.count', { type: 'UINT16', value: 0 })
}
