// The codebooks of the IQ types: what the caller copies in, and what is computed from it once.
// The points themselves are data of `src/codebooks`; no search is here.

/** Points of eight levels 0 … 2, or of four levels 0 … 7. */
export const IQ2_XXS = 0
export const IQ2_XS = 1
export const IQ2_S = 2
export const IQ3_XXS = 3
export const IQ3_S = 4
export const IQ1 = 5

const levels2XXS: usize = memory.data(256 * 8, 16)
const levels2XS: usize = memory.data(512 * 8, 16)
const levels2S: usize = memory.data(1024 * 8, 16)
const levels3XXS: usize = memory.data(256 * 4, 16)
const levels3S: usize = memory.data(512 * 4, 16)
const levels1: usize = memory.data(2048 * 8, 16)

const values2XXS: usize = memory.data(256 * 8, 16)
const values2XS: usize = memory.data(512 * 8, 16)
const values2S: usize = memory.data(1024 * 8, 16)
const values3XXS: usize = memory.data(256 * 4, 16)
const values3S: usize = memory.data(512 * 4, 16)

/** Where the caller has to put the levels of a book's points, one byte each, before `openBook`. */
export function bookLevels(book: i32): usize {
  switch (book) {
    case IQ2_XXS: return levels2XXS
    case IQ2_XS: return levels2XS
    case IQ2_S: return levels2S
    case IQ3_XXS: return levels3XXS
    case IQ3_S: return levels3S
    default: return levels1
  }
}

/** The values of the points of a book, one byte for each level; the book of IQ1 has none, its values depend on a shift. */
export function bookValues(book: i32): usize {
  switch (book) {
    case IQ2_XXS: return values2XXS
    case IQ2_XS: return values2XS
    case IQ2_S: return values2S
    case IQ3_XXS: return values3XXS
    default: return values3S
  }
}

function levelCount(book: i32): usize {
  switch (book) {
    case IQ2_XXS: return 256 * 8
    case IQ2_XS: return 512 * 8
    case IQ2_S: return 1024 * 8
    case IQ3_XXS: return 256 * 4
    case IQ3_S: return 512 * 4
    default: return 2048 * 8
  }
}

/** What levels stand for: `iq2xxs_grid`, `iq3xxs_grid`, `iq3s_grid` and their kin (ggml-common.h). */
const magnitudes2: usize = memory.data<u8>([8, 25, 43])
const magnitudes3XXS: usize = memory.data<u8>([4, 12, 20, 28, 36, 44, 52, 62])
const magnitudes3S: usize = memory.data<u8>([1, 3, 5, 7, 9, 11, 13, 15])

/** Computes a book's values from its levels. To be called once, after the caller has filled `bookLevels`. */
export function openBook(book: i32): void {
  if (book == IQ1) return
  const magnitudes = book == IQ3_XXS ? magnitudes3XXS : book == IQ3_S ? magnitudes3S : magnitudes2
  const levels = bookLevels(book)
  const values = bookValues(book)
  for (let at: usize = 0; at < levelCount(book); at++) store<u8>(values + at, load<u8>(magnitudes + load<u8>(levels + at)))
}
