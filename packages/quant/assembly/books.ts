// The codebooks of the IQ types: what the caller copies in, and what is computed from it once.
// The points themselves are data of `src/codebooks`; no search is here.

/** Points of eight levels 0 … 2 (IQ1, IQ2), or of four levels 0 … 7 (IQ3). */
export const IQ2_XXS = 0
export const IQ2_XS = 1
export const IQ2_S = 2
export const IQ3_XXS = 3
export const IQ3_S = 4
export const IQ1 = 5

const BOOKS = 6
/** Indices of eight levels to base 3, which are more than those of four to base 8. */
const INDICES = 6561

/** Points of each book. */
const sizes: usize = memory.data<u16>([256, 512, 1024, 256, 512, 2048])
/** How many different distances the neighbours of an index have (`nwant` of `iq2xs_init_impl` and `iq3xs_init_impl`, ggml-quants.c). */
const shellCounts: usize = memory.data<u8>([2, 2, 1, 2, 3, 3])

const LEVELS = 2048 * 8
const levels: usize = memory.data(BOOKS * LEVELS, 16)
const values: usize = memory.data(BOOKS * LEVELS, 16)
const points: usize = memory.data(BOOKS * INDICES * 2, 16)
const neighbourLists: usize = memory.data(BOOKS * INDICES * 4, 16)

/** Room behind the module's data for lists of neighbours, of which all books together fill less. */
const ARENA: usize = 28 << 20
let arenaEnd: usize = __heap_base

/** First byte the caller may use. */
export function heapBase(): usize {
  return __heap_base + ARENA
}

/** Where the levels of a book's points are, one byte each; the caller puts them there before `openBook`. */
export function bookLevels(book: i32): usize {
  return levels + book * LEVELS
}

/** The values of the points of a book, one byte for each level; the book of IQ1 has none, its values depend on a shift. */
// @ts-ignore: decorator
@inline
export function bookValues(book: i32): usize {
  return values + book * LEVELS
}

/** Levels per point: 8 or 4. */
// @ts-ignore: decorator
@inline
export function numbersOf(book: i32): usize {
  return book == IQ3_XXS || book == IQ3_S ? 4 : 8
}

/** What levels stand for: `iq2xxs_grid`, `iq3xxs_grid`, `iq3s_grid` and their kin (ggml-common.h). */
const magnitudes2: usize = memory.data<u8>([8, 25, 43])
const magnitudes3XXS: usize = memory.data<u8>([4, 12, 20, 28, 36, 44, 52, 62])
const magnitudes3S: usize = memory.data<u8>([1, 3, 5, 7, 9, 11, 13, 15])

/** Computes what follows from a book's levels. To be called once, after the caller has filled `bookLevels`. */
export function openBook(book: i32): void {
  const numbers = numbersOf(book)
  const base: usize = numbers == 8 ? 3 : 8
  const magnitudes = book == IQ3_XXS ? magnitudes3XXS : book == IQ3_S ? magnitudes3S : magnitudes2
  memory.fill(points + book * INDICES * 2, 255, INDICES * 2)
  for (let point = 0; point < <i32>load<u16>(sizes + book * 2); point++) {
    let index: usize = 0
    for (let number = numbers; number > 0; number--) {
      const at = <usize>point * numbers + number - 1
      const level = <usize>load<u8>(bookLevels(book) + at)
      store<u8>(bookValues(book) + at, load<u8>(magnitudes + level))
      index = index * base + level
    }
    store<i16>(points + (book * INDICES + <i32>index) * 2, <i16>point)
  }
}

/** The point with this index, its levels as digits with the first one lowest; -1 where the book has none. */
// @ts-ignore: decorator
@inline
export function pointOf(book: i32, index: i32): i32 {
  return load<i16>(points + (book * INDICES + index) * 2)
}

/**
 * The points nearest to an index that the book lacks, nearest first, by point among equals. Computed on first demand, then kept:
 * a uint64 number of fours and, for each four, a vector per number, then their points as four uint16. In a book of eights the vectors are bytes
 * that fetch the floats of the levels from a vector of floats (`v128.swizzle`), in one of fours the odd numbers 2 * level + 1 as floats: what
 * is quickest to use. The last four is filled up with its last point.
 */
export function neighboursOf(book: i32, index: i32): usize {
  const slot = neighbourLists + (book * INDICES + index) * 4
  const known = load<u32>(slot)
  if (known != 0) return known
  const list = findNeighbours(book, index)
  store<u32>(slot, <u32>list)
  return list
}

const distances: usize = memory.data(2048)
const counts: usize = memory.data(512)
const found: usize = memory.data(4096)
const target: usize = memory.data(8)

function findNeighbours(book: i32, index: i32): usize {
  const numbers = numbersOf(book)
  const base = numbers == 8 ? 3 : 8
  for (let number: usize = 0; number < numbers; number++) {
    store<u8>(target + number, <u8>(index % base))
    index /= base
  }
  const size = <usize>load<u16>(sizes + book * 2)
  memory.fill(counts, 0, 512)
  for (let point: usize = 0; point < size; point++) {
    let distance = 0
    for (let number: usize = 0; number < numbers; number++) {
      const difference = <i32>load<u8>(bookLevels(book) + point * numbers + number) - <i32>load<u8>(target + number)
      distance += difference * difference
    }
    store<u8>(distances + point, <u8>distance)
    store<u16>(counts + distance * 2, load<u16>(counts + distance * 2) + 1)
  }

  let length: usize = 0
  let shells = load<u8>(shellCounts + book)
  for (let distance = 0; shells > 0 && distance < 256; distance++) {
    if (load<u16>(counts + distance * 2) == 0) continue
    shells--
    for (let point: usize = 0; point < size; point++) {
      if (load<u8>(distances + point) != distance) continue
      store<u16>(found + length * 2, <u16>point)
      length++
    }
  }
  for (; (length & 3) != 0; length++) store<u16>(found + length * 2, load<u16>(found + length * 2 - 2))

  const list = arenaEnd
  arenaEnd += 8 + (length >> 2) * (numbers * 16 + 8)
  if (arenaEnd > heapBase()) unreachable()
  store<u64>(list, length >> 2)
  let at = list + 8
  for (let first: usize = 0; first < length; first += 4) {
    for (let number: usize = 0; number < numbers; number++) {
      for (let place: usize = 0; place < 4; place++) {
        const point = <usize>load<u16>(found + (first + place) * 2)
        const level = <u32>load<u8>(bookLevels(book) + point * numbers + number)
        store<u32>(at, numbers == 8 ? level * 0x04040404 + 0x03020100 : reinterpret<u32>(<f32>(level * 2 + 1)))
        at += 4
      }
    }
    store<u64>(at, load<u64>(found + first * 2))
    at += 8
  }
  return list
}
