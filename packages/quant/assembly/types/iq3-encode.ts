// The encoders of IQ3_XXS and IQ3_S. Layouts as in `iq3.ts`; the search is in `codebook-block.ts`.
import { IQ3_S, IQ3_XXS } from '../books'
import { storeHalf } from '../floats'
import { REFINE_ALL_IF_ANY_OFF_BOOK, REFINE_OFF_BOOK } from '../search/codebook-scale'
import { BLOCK_POINTS, BLOCK_SCALES, BLOCK_SIGNS, IS_STORED, oddStep, searchBlock, setWeights, splitEvenSigns, splitFreeSigns, spreadOf } from './codebook-block'
import { sevenSigns } from './iq2-encode'

/** Encodes `blocks` blocks of float32 as IQ3_XXS. */
export function encodeIQ3_XXS(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeIQ3_XXS(source, destination, 0)
    source += 1024
    destination += 98
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedIQ3_XXS(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    storeIQ3_XXS(source, destination, importance)
    source += 1024
    importance += 1024
    destination += 98
  }
}

function storeIQ3_XXS(source: usize, destination: usize, importance: usize): void {
  setWeights(source, importance, spreadOf(source, 2), 0)
  splitEvenSigns(source)
  const largest = searchBlock(IQ3_XXS, 32, 1e-8, false, 15, 0.2, REFINE_OFF_BOOK)
  memory.fill(destination, 0, 98)
  if (largest == 0) return
  const unit: f32 = largest / 31
  const inverse: f32 = 1 / unit
  storeHalf(destination, unit * 1.0125)
  for (let point: usize = 0; point < 64; point++) store<u8>(destination + 2 + point, load<u8>(BLOCK_POINTS + point * 2))
  for (let group: usize = 0; group < 8; group++) {
    const step = oddStep(load<f32>(BLOCK_SCALES + group * 4), inverse, 15)
    store<u32>(destination + 66 + group * 4, sevenSigns(BLOCK_SIGNS + group * 4) | (step << 28))
  }
}

/** Encodes `blocks` blocks of float32 as IQ3_S. */
export function encodeIQ3_S(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeIQ3_S(source, destination, 0)
    source += 1024
    destination += 110
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedIQ3_S(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    storeIQ3_S(source, destination, importance)
    source += 1024
    importance += 1024
    destination += 110
  }
}

function storeIQ3_S(source: usize, destination: usize, importance: usize): void {
  setWeights(source, importance, spreadOf(source, 2), 0)
  splitFreeSigns(source)
  const largest = searchBlock(IQ3_S, 32, 0, false, 9, 0.2, REFINE_ALL_IF_ANY_OFF_BOOK)
  memory.fill(destination, 0, 110)
  // A slip of ggml that equal bytes need: a group of zeros does not take its place, so points and signs of later groups move up.
  let place: usize = 0
  for (let group: usize = 0; group < 8; group++) {
    if (!load<u8>(IS_STORED + group)) continue
    let high: u32 = 0
    for (let point: usize = 0; point < 8; point++) {
      const index = <u32>load<u16>(BLOCK_POINTS + group * 16 + point * 2)
      store<u8>(destination + 2 + place * 8 + point, <u8>index)
      high |= (index >> 8) << <u32>point
    }
    store<u8>(destination + 66 + group, <u8>high)
    store<u32>(destination + 74 + place * 4, load<u32>(BLOCK_SIGNS + group * 4))
    place++
  }
  if (largest == 0) return
  const unit: f32 = largest / 31
  const inverse: f32 = 1 / unit
  storeHalf(destination, unit * 1.033)
  for (let pair: usize = 0; pair < 4; pair++) {
    const low = oddStep(load<f32>(BLOCK_SCALES + pair * 8), inverse, 15)
    store<u8>(destination + 106 + pair, <u8>(low | (oddStep(load<f32>(BLOCK_SCALES + pair * 8, 4), inverse, 15) << 4)))
  }
}
