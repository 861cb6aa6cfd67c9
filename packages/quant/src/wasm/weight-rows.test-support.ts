// Random rows of weights for comparing codecs: what models hold, and what breaks searches. For tests of this package only.
import fc from 'fast-check'

type Shape = (index: number, random: () => number) => number

const gaussian = (random: () => number) => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random())

/** One block's worth of numbers is drawn from one of these. */
const SHAPES = {
  usual: (_, random) => 0.02 * gaussian(random),
  large: (_, random) => 300 * gaussian(random),
  outlier: (index, random) => (index % 61 === 7 ? 5 : 0.001) * gaussian(random),
  positive: (_, random) => 1 + random(),
  negative: (_, random) => -3 - random(),
  narrow: (_, random) => 1 + 1e-6 * random(),
  offset: (_, random) => -1000 + 1e-3 * random(),
  constant: () => 0.25,
  constantNegative: () => -0.25,
  zero: () => 0,
  minusZero: () => -0,
  ties: (_, random) => (random() < 0.5 ? 1.5 : -1.5),
  grid: (_, random) => Math.round(random() * 15 - 7.5) / 2,
  sparse: (_, random) => (random() < 0.9 ? 0 : gaussian(random)),
  small: (_, random) => 1e-12 * gaussian(random),
  nearlyZero: (_, random) => 1.5e-15 * gaussian(random),
  subnormalHalf: (_, random) => 2e-6 * gaussian(random),
  subnormal: (_, random) => 1e-40 * gaussian(random),
  smallestFloat: (_, random) => Math.round(3 * random()) * 1e-45,
  huge: (_, random) => 1e6 * gaussian(random),
  anything: (_, random) => 10 ** (80 * random() - 45) * (random() < 0.5 ? -1 : 1),
} as const satisfies { readonly [name: string]: Shape }

const shapeNames = Object.keys(SHAPES) as (keyof typeof SHAPES)[]

/** mulberry32: a small generator, so that a failing case is told by one seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Whole rows of float32, finite, each row some blocks of `blockSize` of different shapes; a shape may change within a block too. */
export function weightRows(blockSize: number): fc.Arbitrary<{ readonly numbers: Float32Array; readonly rowLength: number }> {
  const run = fc.record({ shape: fc.constantFrom(...shapeNames), part: fc.constantFrom(1, 1, 2, 8, 16) })
  return fc
    .record({
      seed: fc.integer(),
      rowCount: fc.integer({ min: 1, max: 2 }),
      blocks: fc.integer({ min: 1, max: 6 }),
      runs: fc.array(run, { minLength: 1, maxLength: 6 }),
    })
    .map(({ seed, rowCount, blocks, runs }) => {
      const random = generator(seed)
      const rowLength = blocks * blockSize
      const numbers = new Float32Array(rowCount * rowLength)
      for (let index = 0, turn = 0; index < numbers.length; turn++) {
        const { shape, part } = runs[turn % runs.length]!
        const end = Math.min(numbers.length, index + Math.max(1, Math.floor(blockSize / part)))
        for (; index < end; index++) numbers[index] = SHAPES[shape](index, random)
      }
      return { numbers, rowLength }
    })
}
