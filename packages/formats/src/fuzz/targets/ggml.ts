// Fuzzes the reader of files of before GGUF, all containers and families.
import { GGML_TYPES } from '@fs/core'
import { GGML_CONTAINERS, type GgmlContainerId } from '../../ggml/containers.ts'
import { GGML_MODEL_IDS, GGML_MODELS } from '../../ggml/models.ts'
import { readGgml } from '../../ggml/read.ts'
import { concat, maybeLie } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

const encoder = new TextEncoder()
const NAMES = [
  'tok_embeddings.weight',
  'gpt_neox.embed_in.weight',
  'transformer.h.0.attn.q_proj.weight',
  'model/wte',
  'transformer.wte.weight',
  '__proto__',
] as const
const TYPES = ['F32', 'F16', 'Q4_0', 'Q5_0', 'Q8_0', 'Q4_K'] as const

function build(random: Random): Uint8Array {
  const number = (value: number) =>
    Uint8Array.from({ length: 4 }, (_, index) => Number((maybeLieWhole(random, value) >> BigInt(8 * index)) & 0xffn))
  const container = random.pick(Object.keys(GGML_CONTAINERS) as GgmlContainerId[])
  const { magic, versions, scores, alignment } = GGML_CONTAINERS[container]
  const { fields, countBeforeVocabulary } = GGML_MODELS[random.pick(GGML_MODEL_IDS)]
  const tokens = Array.from({ length: random.below(6) }, () => encoder.encode('x'.repeat(random.below(5))))
  const version = versions === 'none' ? 0 : random.pick(versions)
  const ftype = random.pick([0, 1, 2002])
  let file = concat(
    number(magic),
    versions === 'none' ? new Uint8Array(0) : number(version),
    ...fields.map(({ name }) => number(name === 'n_vocab' ? tokens.length : name === 'ftype' ? ftype : random.below(100))),
    countBeforeVocabulary ? number(tokens.length) : new Uint8Array(0),
    ...tokens.map((token) => concat(number(token.length), token, new Uint8Array(scores ? 4 : 0))),
  )
  for (let index = random.below(4); index > 0; index--) {
    const type = random.pick(TYPES)
    const { id, blockSize, blockBytes } = GGML_TYPES[type]
    const shape = [blockSize * random.below(3), ...Array.from({ length: random.below(3) }, () => random.below(3))]
    const name = encoder.encode(random.oneIn(3) ? `t${index}` : random.pick(NAMES))
    file = concat(file, number(shape.length), number(name.length), number(id), ...shape.map(number), name)
    const size = (shape.reduce((product, dimension) => product * dimension, 1) / blockSize) * blockBytes
    file = concat(file, new Uint8Array((alignment - (file.length % alignment)) % alignment), new Uint8Array(size))
  }
  return file
}

function maybeLieWhole(random: Random, value: number): bigint {
  return BigInt.asUintN(32, maybeLie(random, value))
}

export const ggml: FuzzTarget = { id: 'ggml', build, read: (source) => readGgml(source) }
