// Meta's checkpoints in parts, one for each GPU they were to run on: every part has a slice of each matrix, and all of each norm.
// Facts: fairscale's ColumnParallelLinear, RowParallelLinear and ParallelEmbedding as llama_models/llama3/model.py uses them; transformers
// convert_llama_weights_to_hf.py, write_model.
import { convertError } from '../errors.ts'
import { plainTypeOf, type SourceTensor } from '../source-tensor.ts'

const PART = /^(consolidated\.\d\d)\/(.*)$/

/** Which way a matrix was cut. What is in neither list is the same in every part. */
const CUT: readonly (readonly [names: RegExp, along: 'rows' | 'columns'])[] = [
  [/\.(attention\.w[qkv]|feed_forward\.w[13])\.weight$|^output\.weight$/, 'rows'],
  [/\.(attention\.wo|feed_forward\.w2)\.weight$/, 'columns'],
]

/**
 * The tensors whole, under the names a checkpoint in one file has.
 * @param hiddenSize tells how the embedding was cut: by tokens from Llama 3 on, before that by columns
 * @throws FsError `convert/model-parallel` when the parts do not belong together
 */
export function wholeTensors(
  stored: ReadonlyMap<string, SourceTensor>,
  hiddenSize: unknown,
  checkpoint: string,
): ReadonlyMap<string, SourceTensor> {
  const parts = new Map<string, Map<string, SourceTensor>>()
  for (const [full, tensor] of stored) {
    const [, part, name] = PART.exec(full) ?? []
    if (part === undefined || name === undefined) return stored
    parts.set(part, (parts.get(part) ?? new Map()).set(name, tensor))
  }
  const all = [...parts.values()]
  const [first] = all
  return new Map(
    [...(first ?? [])].map(([name, tensor]) => {
      const slices = all.map((part) => part.get(name))
      if (!slices.every((slice) => slice !== undefined) || all.some((part) => part.size !== first!.size))
        throw apart(checkpoint, name, 'is not in every part')
      return [name, whole(name, slices, alongOf(name, tensor, hiddenSize), checkpoint)]
    }),
  )
}

function alongOf(name: string, { shape }: SourceTensor, hiddenSize: unknown): 'rows' | 'columns' | undefined {
  if (name === 'tok_embeddings.weight') return shape[1] === hiddenSize ? 'rows' : 'columns'
  return CUT.find(([names]) => names.test(name))?.[1]
}

function whole(name: string, slices: readonly SourceTensor[], along: 'rows' | 'columns' | undefined, checkpoint: string): SourceTensor {
  const first = slices[0]!
  if (along === undefined) return first
  const [rows = 0, columns = 0] = first.shape
  if (first.shape.length !== 2 || slices.some(({ shape }) => shape.join() !== first.shape.join()))
    throw apart(checkpoint, name, `has slices of shapes ${slices.map(({ shape }) => `[${shape.join(', ')}]`).join(', ')}`)
  const parts = { name, type: plainTypeOf(first), operands: slices } as const
  return along === 'rows'
    ? {
        ...parts,
        shape: [rows * slices.length, columns],
        formula: { kind: 'rearranged', chain: [{ kind: 'join', rows: slices.map(() => rows) }] },
      }
    : { ...parts, shape: [rows, columns * slices.length], formula: { kind: 'side-by-side' } }
}

const apart = (checkpoint: string, name: string, what: string) =>
  convertError('convert/model-parallel', `${checkpoint}: ${name} ${what}, so the parts are not of one checkpoint; download them again`, {
    tensor: name,
  })
