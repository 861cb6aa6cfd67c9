// Fuzzes the JSON parser with text made of JSON's own pieces.
import { parseJson } from '../../json/parse.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget } from '../targets.ts'

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a"',
  '"b":',
  '\\',
  '\\u12',
  '0',
  '-1.5e3',
  'true',
  'null',
  'NaN',
  '-Infinity',
  ' ',
  '\n',
  '\u0000',
  'é',
] as const

function piece(random: Random, depth: number): string {
  if (random.oneIn(50)) return random.pick(PIECES)
  const kind = random.below(4)
  const items = depth > 8 || kind < 2 ? [] : Array.from({ length: random.below(4) }, () => piece(random, depth + 1))
  if (kind === 2) return `[${items.join(',')}]`
  if (kind === 3) return `{${items.map((item) => `"${random.pick(['a', 'b', '__proto__', 'c'])}":${item}`).join(',')}}`
  return random.pick(['1', '-2.5', 'true', 'null', '"x"', '""', 'Infinity'])
}

export const json: FuzzTarget = {
  id: 'json',
  build: (random) => new TextEncoder().encode(random.oneIn(200) ? '['.repeat(random.below(20_000)) : piece(random, 0)),
  read: async (source) => {
    const text = new TextDecoder().decode(await source.read(0, source.size))
    return parseJson(text, { name: source.name, numbers: 'python', duplicateKeys: 'refuse' })
  },
}
