// A model's weights as a plan will store them: what is written in blocks is put into the same blocks, some rows at a time.
// It reads nothing that was written, so that what was can be held against it.
import { canonicalTensors, type ModelSpec } from '@fs/arch'
import type { GgufPlan, PlannedOutput } from '@fs/convert/plan'
import type { GgmlType } from '@fs/core'
import type { WeightReader } from '@fs/onnx'
import { wasmRowCodec } from '@fs/quant/wasm'

/** Types by canonical name, each with the importance of its columns where it was weighed. */
export type BlockTypes = ReadonlyMap<string, { readonly type: GgmlType; readonly importance: Float32Array | undefined }>

/** The weights one output of an ONNX plan keeps in blocks. */
export function blockTypesOf({ jobs, outputs, importance }: GgufPlan['plan'], { paths }: PlannedOutput): BlockTypes {
  const own = new Set(paths)
  return new Map(
    jobs.flatMap(({ tensor, targets }) =>
      targets
        .filter(({ layout, output }) => layout?.kind === 'blocks' && own.has(outputs[output]!.path))
        .map(({ type, importance: index }) => [tensor, { type, importance: index === undefined ? undefined : importance[index] }] as const),
    ),
  )
}

export async function withBlockTypes(weights: WeightReader, spec: ModelSpec, types: BlockTypes): Promise<WeightReader> {
  const codec = await wasmRowCodec()
  const shapes = new Map(canonicalTensors(spec).map(({ name, shape }) => [name, shape]))

  return {
    typeOf: (name) => types.get(name)?.type ?? weights.typeOf(name),
    read: async (name, firstRow, rows) => {
      const stored = await weights.read(name, firstRow, rows)
      const wanted = types.get(name)
      if (wanted === undefined || wanted.type === stored.type) return stored
      const shape = shapes.get(name)!
      const [matrixRows, rowLength] = [shape.at(-2)!, shape.at(-1)!]
      const rowBytes = stored.bytes.length / rows
      // A stack's experts are weighed each by itself.
      const pieces: Uint8Array[] = []
      for (let row = 0; row < rows; ) {
        const matrix = Math.floor((firstRow + row) / matrixRows)
        const count = Math.min(rows - row, (matrix + 1) * matrixRows - firstRow - row)
        const importance = wanted.importance?.subarray(matrix * rowLength, (matrix + 1) * rowLength)
        codec.input(count * rowBytes).set(stored.bytes.subarray(row * rowBytes, (row + count) * rowBytes))
        const job = { from: stored.type, to: wanted.type, rows: count, rowLength, ...(importance === undefined ? {} : { importance }) }
        pieces.push(codec.encode(job).slice())
        row += count
      }
      return { type: wanted.type, bytes: new Uint8Array(Buffer.concat(pieces)) }
    },
  }
}
