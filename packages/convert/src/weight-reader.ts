// The weights of an opened model in canonical names and layout, some rows at a time: what runs or measures a model reads it through this.
// Nothing is kept in memory between reads.
import { type CompiledOutput, compileChain } from '@fs/arch/rows'
import type { TensorType } from '@fs/core'
import { plainRowCodec } from '@fs/quant'
import { convertError } from './errors.ts'
import { bytesOf } from './execute/bands.ts'
import { floatRows } from './execute/float-rows.ts'
import { type ReadInto, readRuns, runsOf } from './execute/read-rows.ts'
import type { OpenedModel } from './open-model.ts'
import { jobInputOf } from './plan/assemble-plan.ts'
import { isComputedInput, type JobInput, type StoredInput } from './plan/conversion-plan.ts'
import { resultTensors } from './plan/result-tensors.ts'

/** Rows are vectors along a weight's last dimension, leading dimensions flattened; a vector has one number in each row. */
export type ModelWeights = {
  /** How a weight's rows come: as the file has them, or F32 where they have to be computed. */
  typeOf(name: string): TensorType
  /** Exactly `rows` rows from `firstRow`, little-endian. @throws FsError when there is no such weight or the file cannot be read */
  read(name: string, firstRow: number, rows: number): Promise<{ readonly type: TensorType; readonly bytes: Uint8Array }>
}

type Entry = { readonly inputs: readonly JobInput[]; readonly output: CompiledOutput; readonly type: TensorType }

/** The files behind the model must stay open while this is used. */
export function modelWeights(model: OpenedModel): ModelWeights {
  const { files } = model.checkpoint.tensors
  const entries = new Map<string, Entry>()
  for (const { name, inputs: stored, chain, part } of resultTensors(model, 'canonical')) {
    const inputs = stored.map(jobInputOf)
    const output = compileChain(
      chain,
      stored.map(({ shape }) => shape),
    )[part]!
    entries.set(name, { inputs, output, type: typeOf(inputs, output) })
  }
  const entryOf = (name: string): Entry => {
    const entry = entries.get(name)
    if (entry === undefined) throw convertError('convert/no-such-weight', `the model has no weight ${name}`, { tensor: name })
    return entry
  }
  const readInto: ReadInto = async (source, offset, target) => target.set(await files[source]!.read(offset, target.length))
  return {
    typeOf: (name) => entryOf(name).type,
    read: async (name, firstRow, rows) => {
      const { inputs, output, type } = entryOf(name)
      if (isPlain(inputs, output)) {
        const bytes = new Uint8Array(rows * bytesOf(type, output.rowLength))
        await readRuns(inputs, runsOf(output, firstRow, firstRow + rows), bytes, readInto)
        return { type, bytes }
      }
      const codec = plainRowCodec()
      try {
        const values = await floatRows(output, inputs, firstRow, firstRow + rows, codec, readInto)
        return { type, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) }
      } finally {
        codec.dispose()
      }
    },
  }
}

function typeOf(inputs: readonly JobInput[], output: CompiledOutput): TensorType {
  return isPlain(inputs, output) ? inputs[0]!.type : 'F32'
}

/** Whether rows can be handed over as they are stored. */
function isPlain(inputs: readonly JobInput[], output: CompiledOutput): inputs is readonly StoredInput[] {
  const uniform = inputs.every((input) => !isComputedInput(input) && input.type === inputs[0]!.type && input.bigEndian === undefined)
  return uniform && !output.transposed && output.add === 0
}
