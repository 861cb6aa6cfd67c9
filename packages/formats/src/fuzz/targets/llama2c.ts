// Fuzzes the reader of llama2.c checkpoints, every version.
import { bytesOf, LLAMA2C_LAYOUTS } from '../../llama2c/layouts.ts'
import { readLlama2c } from '../../llama2c/read.ts'
import { concat, maybeLie } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

function build(random: Random): Uint8Array {
  const heads = 1 + random.below(3)
  const header = {
    dim: heads * 2 * (1 + random.below(3)),
    hiddenDim: 1 + random.below(8),
    layers: 1 + random.below(3),
    heads,
    kvHeads: 1 + random.below(heads),
    vocabularySize: 1 + random.below(8),
    sequenceLength: 1 + random.below(8),
    sharedClassifier: random.oneIn(2),
    groupSize: 2,
  }
  const version = random.pick([0, 1, 2] as const)
  const vocabulary = version === 0 && !header.sharedClassifier ? -header.vocabularySize : header.vocabularySize
  const integers = [header.dim, header.hiddenDim, header.layers, heads, header.kvHeads, vocabulary, header.sequenceLength]
  const start = version === 0 ? [] : [0x616b3432, random.oneIn(20) ? 3 - version : version]
  const numbers = [...start, ...integers].map(
    (value) => new Uint8Array(Uint32Array.of(Number(BigInt.asUintN(32, maybeLie(random, value)))).buffer),
  )
  const padding =
    version === 0
      ? new Uint8Array(0)
      : Uint8Array.from({ length: 256 - 36 }, (_, index) =>
          index === 0 && header.sharedClassifier ? 1 : index === 1 ? header.groupSize : 0,
        )
  const size = LLAMA2C_LAYOUTS[version](header).reduce((total, part) => total + bytesOf(part), 0)
  return concat(...numbers, padding, new Uint8Array(size))
}

export const llama2c: FuzzTarget = { id: 'llama2c', build, read: readLlama2c }
