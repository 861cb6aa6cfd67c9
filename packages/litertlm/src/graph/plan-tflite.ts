// From a described decoder to the plan of its TFLite file. It reads no weights.
import type { DecoderSpec } from '@fs/arch'
import type { Signature, Subgraph } from '../tflite/model.ts'
import { serializeTflite } from '../tflite/serialize.ts'
import { checkOptions, checkSize } from './check-options.ts'
import { createConstantPool, type PooledWeight } from './constant-pool.ts'
import { decoderSubgraph } from './decoder-subgraph.ts'
import { expressible } from './expressible.ts'
import { normDecompositions } from './norm.ts'
import { createSubgraphBuilder } from './subgraph-builder.ts'
import type { TfliteOptions, TflitePlan, WeightBuffer } from './tflite-plan.ts'

/**
 * The file's flatbuffer and where every weight goes. Reads nothing, so sizes and refusals are known before the first byte is written.
 * @throws FsError `litertlm/not-expressible` for a description without a graph, `litertlm/options`
 */
export function planTflite(spec: DecoderSpec, options: TfliteOptions): TflitePlan {
  checkOptions(spec, options)
  const decoder = expressible(spec, options.cacheLength)
  const constants = createConstantPool()
  const lengths = [...new Set(options.prefillLengths)].sort((a, b) => a - b)
  const purposes = [
    ...lengths.map((length) => ({ key: `prefill_${length}`, length, purpose: 'prefill' as const })),
    { key: 'decode', length: 1, purpose: 'decode' as const },
  ]
  // Signatures come first, so that a runtime that takes the first subgraph takes one of them; decompositions follow.
  const decompositions: Subgraph[] = []
  const norms = normDecompositions(constants, (subgraph) => purposes.length + decompositions.push(subgraph) - 1)
  const subgraphs: Subgraph[] = []
  const signatures: Signature[] = []
  for (const { key, length, purpose } of purposes) {
    const builder = createSubgraphBuilder(key, constants)
    decoderSubgraph({ spec, options, builder, constants, norms, length }, decoder, purpose)
    signatures.push(builder.signature(subgraphs.length))
    subgraphs.push(builder.subgraph())
  }
  const { bytes, byteLength, weightOffsets, scaleOffsets } = serializeTflite(
    {
      description: `${spec.layers.length} layers, ${options.quantization}`,
      subgraphs: [...subgraphs, ...decompositions],
      signatures,
      buffers: constants.buffers(),
      scaleSets: constants.scaleSets(),
    },
    options.weights,
  )
  if (options.weights === 'inline') checkSize(byteLength)
  const buffers = constants.weights().map((weight) => placed(weight, weightOffsets, scaleOffsets))
  return {
    weights: options.weights,
    byteLength,
    flatbuffer: bytes,
    buffers: buffers.sort((a, b) => a.offset - b.offset),
  }
}

function placed(weight: PooledWeight, weightOffsets: readonly number[], scaleOffsets: readonly number[]): WeightBuffer {
  const { tensor, rows, rowLength, add, encoding, buffer } = weight
  const common = { tensor, rows, rowLength, add, offset: weightOffsets[buffer]! }
  const count = rows * rowLength
  switch (encoding.kind) {
    case 'float32':
      return { ...common, encoding, byteLength: 4 * count }
    case 'float16':
      return { ...common, encoding, byteLength: 2 * count }
    case 'int8':
      return { ...common, encoding: { kind: 'int8', scalesOffset: scaleOffsets[encoding.scaleSet]! }, byteLength: count }
    case 'int4-blocks': {
      const { kind, blockSize, scalesBuffer } = encoding
      return { ...common, encoding: { kind, blockSize, scalesOffset: weightOffsets[scalesBuffer]! }, byteLength: count / 2 }
    }
    default:
      return encoding satisfies never
  }
}
