// A codebook of the IQ types: the short vectors of levels that a block may contain, and which of them are near any other vector.
// The books themselves are data in the files beside this one; which values the levels stand for is each type's own.

/** A vector of levels packed into a number: level i in bits `bits * i` and up. */
export type Code = number

export type Codebook = {
  /** Levels per point, 8 or 4. */
  readonly numbers: number
  /** Bits per level in a code. */
  readonly bits: number
  /** Level i of point p at `p * numbers + i`. */
  readonly levels: Uint8Array
  /** The point with a code, or -1 where the code is not in the book. */
  readonly pointOfCode: Int16Array
  /** The points nearest to a code that is not in the book, nearest first, by point among equals. Computed on first demand, then kept. */
  neighbours(code: Code): Uint16Array
}

export type CodebookData = {
  /** Codes of all points in order, little-endian uint16 in base64. */
  readonly codes: string
  readonly numbers: 8 | 4
  readonly bits: 2 | 3
  /** How many different distances the neighbours of a code have (`nwant` of `iq2xs_init_impl` and `iq3xs_init_impl`, ggml-quants.c). */
  readonly shells: number
}

/** Unpacks the book at the first call. */
export function lazyCodebook(data: CodebookData): () => Codebook {
  let book: Codebook | undefined
  return () => {
    book ??= unpack(data)
    return book
  }
}

function unpack({ codes, numbers, bits, shells }: CodebookData): Codebook {
  const bytes = Uint8Array.from(atob(codes), (character) => character.charCodeAt(0))
  const size = bytes.length / 2
  const levels = new Uint8Array(size * numbers)
  const pointOfCode = new Int16Array(1 << (numbers * bits)).fill(-1)
  for (let point = 0; point < size; point++) {
    const code = bytes[2 * point]! | (bytes[2 * point + 1]! << 8)
    pointOfCode[code] = point
    unpackCode(code, numbers, bits, levels, point * numbers)
  }

  const known = new Map<Code, Uint16Array>()
  function neighbours(code: Code): Uint16Array {
    const kept = known.get(code)
    if (kept !== undefined) return kept
    const found = nearestPoints(code, levels, numbers, bits, shells)
    known.set(code, found)
    return found
  }
  return { numbers, bits, levels, pointOfCode, neighbours }
}

function unpackCode(code: Code, numbers: number, bits: number, levels: Uint8Array, at: number): void {
  for (let i = 0; i < numbers; i++) levels[at + i] = (code >> (bits * i)) & ((1 << bits) - 1)
}

/** All points at the `shells` least squared distances from a code. */
function nearestPoints(code: Code, levels: Uint8Array, numbers: number, bits: number, shells: number): Uint16Array {
  const target = new Uint8Array(numbers)
  unpackCode(code, numbers, bits, target, 0)
  const byDistance: number[][] = []
  for (let point = 0; point * numbers < levels.length; point++) {
    let distance = 0
    for (let i = 0; i < numbers; i++) distance += (levels[point * numbers + i]! - target[i]!) ** 2
    const shell = byDistance[distance] ?? []
    byDistance[distance] = shell
    shell.push(point)
  }
  // Array holes are distances no point has; `filter` drops them.
  return Uint16Array.from(
    byDistance
      .filter(() => true)
      .slice(0, shells)
      .flat(),
  )
}
