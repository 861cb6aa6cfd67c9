// Fuzzes the safetensors reader with headers that are JSON but whose entries lie now and then.
import { DTYPES, type Dtype } from '@fs/core'
import { readSafetensors } from '../../safetensors/read.ts'
import { concat, maybeLie } from '../mutate.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

const encoder = new TextEncoder()
const DTYPE_NAMES = Object.keys(DTYPES) as Dtype[]
const ODD_NUMBERS = ['-1', '0.5', '1e400', '-0', '9007199254740993', '18446744073709551616', 'NaN', '"1"', 'null', '[]'] as const

/** A whole number as JSON text, or now and then something that is none. */
function number(random: Random, honest: number): string {
  return random.oneIn(100) ? random.pick(ODD_NUMBERS) : maybeLie(random, honest).toString()
}

function entry(random: Random, name: string, offset: number): { readonly json: string; readonly end: number } {
  const dtype = random.pick(DTYPE_NAMES)
  const shape = Array.from({ length: random.below(4) }, () => random.below(5))
  const end = offset + shape.reduce((product, size) => product * size, DTYPES[dtype].bytes)
  const fields = [
    `"dtype":"${random.oneIn(100) ? 'F9' : dtype}"`,
    `"shape":[${shape.map((size) => number(random, size)).join(',')}]`,
    `"data_offsets":[${number(random, offset)},${number(random, end)}]`,
  ]
  if (random.oneIn(60)) fields.push(random.pick(fields))
  if (random.oneIn(60)) fields.splice(random.below(3), 1)
  return { json: `${JSON.stringify(name)}:{${fields.join(',')}}`, end }
}

function build(random: Random): Uint8Array {
  const entries: string[] = []
  if (random.oneIn(2)) entries.push(`"__metadata__":${random.pick(['{"format":"pt"}', '{"format":"pt"}', '{}', '{"a":1}', '[]', 'null'])}`)
  let offset = 0
  for (let index = random.below(6); index > 0; index--) {
    if (random.oneIn(60)) offset = Math.max(0, offset + random.below(9) - 4)
    const made = entry(random, random.oneIn(20) ? random.pick(['a', '__proto__', '']) : `t${index}`, offset)
    entries.push(made.json)
    offset = made.end
  }
  const json = encoder.encode(`{${entries.join(random.oneIn(100) ? ',,' : ',')}}${' '.repeat(random.below(8))}`)
  const length = new Uint8Array(BigUint64Array.of(BigInt.asUintN(64, maybeLie(random, json.length))).buffer)
  return concat(length, json, new Uint8Array(offset))
}

export const safetensors: FuzzTarget = { id: 'safetensors', build, read: readSafetensors }
