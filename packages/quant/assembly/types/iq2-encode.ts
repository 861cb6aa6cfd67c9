// The encoders of IQ2_XXS, IQ2_XS and IQ2_S. Layouts as in `iq2.ts`; the search is in `codebook-block.ts`.
import { IQ2_S, IQ2_XS, IQ2_XXS } from '../books'
import { storeHalf } from '../floats'
import { REFINE_ALL, REFINE_OFF_BOOK } from '../search/codebook-scale'
import { BLOCK_POINTS, BLOCK_SCALES, BLOCK_SIGNS, oddStep, searchBlock, setWeights, splitEvenSigns, splitFreeSigns, spreadOf } from './codebook-block'

/** Encodes one row of `blocks` blocks of float32 as IQ2_XXS. */
export function encodeWeightedIQ2_XXS(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    setWeights(source, importance, spreadOf(source, 1), 0)
    splitEvenSigns(source)
    const largest = searchBlock(IQ2_XXS, 32, 1e-15, true, 6, 0.1, REFINE_ALL)
    memory.fill(destination, 0, 66)
    if (largest != 0) {
      const unit: f32 = largest / 31
      const inverse: f32 = 1 / unit
      storeHalf(destination, unit)
      for (let group: usize = 0; group < 8; group++) {
        const signs = BLOCK_SIGNS + group * 4
        const points = BLOCK_POINTS + group * 8
        const at = destination + 2 + group * 8
        store<u32>(at, load<u8>(points) | (load<u8>(points, 2) << 8) | (load<u8>(points, 4) << 16) | (load<u8>(points, 6) << 24))
        store<u32>(at, sevenSigns(signs) | (oddStep(load<f32>(BLOCK_SCALES + group * 4), inverse, 15) << 28), 4)
      }
    }
    source += 1024
    importance += 1024
    destination += 66
  }
}

/** Four times seven sign bits. */
// @ts-ignore: decorator
@inline
export function sevenSigns(signs: usize): u32 {
  const four = load<u32>(signs)
  return (four & 127) | ((four & 0x7f00) >> 1) | ((four & 0x7f0000) >> 2) | ((four & 0x7f000000) >> 3)
}

/** Encodes one row of `blocks` blocks of float32 as IQ2_XS. */
export function encodeWeightedIQ2_XS(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    setWeights(source, importance, spreadOf(source, 1), 0)
    splitEvenSigns(source)
    const largest = searchBlock(IQ2_XS, 16, 1e-15, false, 9, 0.1, REFINE_OFF_BOOK)
    memory.fill(destination, 0, 74)
    if (largest != 0) {
      const unit: f32 = largest / 31
      storeHalf(destination, unit)
      for (let point: usize = 0; point < 32; point++) {
        const signs = <u16>(load<u8>(BLOCK_SIGNS + point) & 127)
        store<u16>(destination + 2 + point * 2, load<u16>(BLOCK_POINTS + point * 2) | (signs << 9))
      }
      storeNibbles(destination + 66, 1 / unit)
    }
    source += 1024
    importance += 1024
    destination += 74
  }
}

/** Encodes `blocks` blocks of float32 as IQ2_S. */
export function encodeIQ2_S(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeIQ2_S(source, destination, 0)
    source += 1024
    destination += 82
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedIQ2_S(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    storeIQ2_S(source, destination, importance)
    source += 1024
    importance += 1024
    destination += 82
  }
}

function storeIQ2_S(source: usize, destination: usize, importance: usize): void {
  setWeights(source, importance, spreadOf(source, 2), 0.25)
  splitFreeSigns(source)
  const largest = searchBlock(IQ2_S, 16, 1e-8, false, 9, 0.1, REFINE_OFF_BOOK)
  memory.fill(destination, 0, 82)
  memory.copy(destination + 34, BLOCK_SIGNS, 32)
  for (let point: usize = 0; point < 32; point++) {
    const index = load<u16>(BLOCK_POINTS + point * 2)
    store<u8>(destination + 2 + point, <u8>index)
    const high = destination + 66 + (point >> 2)
    store<u8>(high, load<u8>(high) | <u8>((index >> 8) << (2 * (<u16>point & 3))))
  }
  if (largest == 0) return
  const unit: f32 = largest / 31
  storeHalf(destination, unit * 0.9875)
  storeNibbles(destination + 74, 1 / unit)
}

/** The steps of 16 groups, two to a byte. */
function storeNibbles(destination: usize, inverse: f32): void {
  for (let pair: usize = 0; pair < 8; pair++) {
    const low = oddStep(load<f32>(BLOCK_SCALES + pair * 8), inverse, 15)
    store<u8>(destination + pair, <u8>(low | (oddStep(load<f32>(BLOCK_SCALES + pair * 8, 4), inverse, 15) << 4)))
  }
}
