// The encoders of IQ1_S and IQ1_M. Layouts as in `iq1.ts`; cuts are in `search/ternary-cuts.ts`.
// `quantize_row_iq1_s_impl`, `quantize_row_iq1_m_impl` (ggml-quants.c, llama.cpp v0.5.0).
import { bookLevels, IQ1, neighboursOf, pointOf } from '../books'
import { encodedHalf, storeHalf } from '../floats'
import { bestOfThreeLevels } from '../search/neighbours'
import { cutScale, cutShift, cutSixteens, cutThirtyTwos, DOWN, enterNothing, enterSixteen, enterThirtyTwo, storeCutLevels, UP } from '../search/ternary-cuts'
import { BLOCK_WEIGHTS, oddStep, setWeights, spreadOf } from './codebook-block'

const levels: usize = memory.data(32, 16)
/** The points of a group of 32, or of all groups of 16. */
const points: usize = memory.data(64, 16)
const scales: usize = memory.data(64, 16)
/** Of each group of 16, which of its eights are shifted down. */
const shifts: usize = memory.data(16, 16)

/** Encodes one row of `blocks` blocks of float32 as IQ1_S. */
export function encodeWeightedIQ1_S(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    setWeights(source, importance, spreadOf(source, 2), 0)
    memory.fill(destination, 0, 50)
    let largestScale: f32 = 0
    for (let first: usize = 0; first < 8; first += 4) {
      for (let lane: usize = 0; lane < 4; lane++) {
        const offset = (first + lane) * 128
        if (magnitudeOf(source + offset, 128) < 1e-12) enterNothing(lane)
        else enterThirtyTwo(lane, source + offset, BLOCK_WEIGHTS + offset)
      }
      cutThirtyTwos()
      for (let lane: usize = 0; lane < 4; lane++) {
        largestScale = max(largestScale, storeThirtyTwo(source, destination, first + lane, lane))
      }
    }
    if (largestScale != 0) {
      const unit: f32 = largestScale / 15
      const inverse: f32 = 1 / unit
      storeHalf(destination, unit * 1.125)
      for (let group: usize = 0; group < 8; group++) {
        const at = destination + 34 + group * 2
        store<u16>(at, load<u16>(at) | <u16>(oddStep(load<f32>(scales + group * 4), inverse, 7) << 12))
      }
    }
    source += 1024
    importance += 1024
    destination += 50
  }
}

// @ts-ignore: decorator
@inline
function magnitudeOf(source: usize, bytes: usize): f32 {
  let largest: f32 = 0
  for (let at: usize = 0; at < bytes; at += 4) largest = max(largest, abs(load<f32>(source + at)))
  return largest
}

/** Stores the points and the shift of a group of 32. @returns Its scale. */
function storeThirtyTwo(source: usize, destination: usize, group: usize, lane: usize): f32 {
  const shift = cutShift(lane)
  store<f32>(scales + group * 4, 0)
  if (shift < 0) return 0
  storeCutLevels(lane, 32, levels)
  let scale = cutScale(lane)
  const isDown = (shift == 1) != scale < 0
  scale = abs(scale)
  const values = isDown ? DOWN : UP
  const numbers = source + group * 128
  const weights = BLOCK_WEIGHTS + group * 128
  let hasMoved = false
  let high: u32 = isDown ? 0x8000 : 0
  for (let point: usize = 0; point < 4; point++) {
    hasMoved = choosePoint(point, point, numbers, weights, scale, values) || hasMoved
    const index = <u32>load<u16>(points + point * 2)
    store<u8>(destination + 2 + group * 4 + point, <u8>index)
    high |= (index >> 8) << (3 * <u32>point)
  }
  store<u16>(destination + 34 + group * 2, <u16>high)
  if (hasMoved) {
    clearSums()
    for (let point: usize = 0; point < 4; point++) addSums(point, numbers + point * 32, weights + point * 32, values, 1)
    if (valueSum > 0 && levelSum > 0) scale = valueSum / levelSum
  }
  store<f32>(scales + group * 4, scale)
  return scale
}

/** Moves eight levels, at `eight` of the group, to a point of the book. @returns Whether they had to be moved. */
function choosePoint(point: usize, eight: usize, numbers: usize, weights: usize, scale: f32, values: usize): bool {
  let index = 0
  for (let number: usize = 8; number > 0; number--) index = index * 3 + <i32>load<u8>(levels + eight * 8 + number - 1)
  const own = pointOf(IQ1, index)
  if (own >= 0) {
    store<u16>(points + point * 2, <u16>own)
    return false
  }
  const zero: f32 = scale * load<f32>(values)
  const one: f32 = scale * load<f32>(values, 4)
  const two: f32 = scale * load<f32>(values, 8)
  store<u16>(points + point * 2, <u16>bestOfThreeLevels(neighboursOf(IQ1, index), numbers + eight * 32, weights + eight * 32, zero, one, two))
  return true
}

let valueSum: f32 = 0
let levelSum: f32 = 0

// @ts-ignore: decorator
@inline
function clearSums(): void {
  valueSum = 0
  levelSum = 0
}

/** Adds eight numbers to the sums for a scale, with the values of a point times a factor. */
function addSums(point: usize, numbers: usize, weights: usize, values: usize, factor: f32): void {
  const book = bookLevels(IQ1) + <usize>load<u16>(points + point * 2) * 8
  let values1 = valueSum
  let levels1 = levelSum
  for (let number: usize = 0; number < 8; number++) {
    const level: f32 = load<f32>(values + <usize>load<u8>(book + number) * 4) * factor
    const weighted: f32 = load<f32>(weights + number * 4) * level
    values1 += weighted * load<f32>(numbers + number * 4)
    levels1 += weighted * level
  }
  valueSum = values1
  levelSum = levels1
}

/** Encodes `blocks` blocks of float32 as IQ1_M. */
export function encodeIQ1_M(source: usize, destination: usize, blocks: i32): void {
  for (; blocks > 0; blocks--) {
    storeIQ1_M(source, destination, 0)
    source += 1024
    destination += 56
  }
}

/** Encodes one row of `blocks` blocks with an importance for each of its columns. */
export function encodeWeightedIQ1_M(source: usize, destination: usize, blocks: i32, importance: usize): void {
  for (; blocks > 0; blocks--) {
    storeIQ1_M(source, destination, importance)
    source += 1024
    importance += 1024
    destination += 56
  }
}

function storeIQ1_M(source: usize, destination: usize, importance: usize): void {
  setWeights(source, importance, spreadOf(source, 2), 0)
  let largestScale: f32 = 0
  for (let first: usize = 0; first < 16; first += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      const offset = (first + lane) * 64
      if (magnitudeOf(source + offset, 64) < 1e-7) enterNothing(lane)
      else enterSixteen(lane, source + offset, BLOCK_WEIGHTS + offset)
    }
    cutSixteens()
    for (let lane: usize = 0; lane < 4; lane++) largestScale = max(largestScale, findSixteen(source, first + lane, lane))
  }
  memory.fill(destination, 0, 56)
  for (let group: usize = 0; group < 16; group++) {
    const first = <u32>load<u16>(points + group * 4)
    const second = <u32>load<u16>(points + group * 4, 2)
    const shift = largestScale == 0 ? 0 : <u32>load<u8>(shifts + group)
    store<u8>(destination + group * 2, <u8>first)
    store<u8>(destination + group * 2, <u8>second, 1)
    store<u8>(destination + 32 + group, <u8>((first >> 8) | ((second >> 8) << 4) | ((shift & 2) << 2) | ((shift & 1) << 7)))
  }
  if (largestScale != 0) storeScales(source, destination, largestScale / 15)
}

/** Finds the points and shifts of a group of 16. @returns Its scale. */
function findSixteen(source: usize, group: usize, lane: usize): f32 {
  let shift = cutShift(lane)
  store<f32>(scales + group * 4, 0)
  store<u8>(shifts + group, 0)
  store<u32>(points + group * 4, 0)
  if (shift < 0) return 0
  storeCutLevels(lane, 16, levels)
  let scale = cutScale(lane)
  if (scale < 0) {
    scale = -scale
    shift = 3 - shift
  }
  store<u8>(shifts + group, <u8>shift)
  const numbers = source + group * 64
  const weights = BLOCK_WEIGHTS + group * 64
  const firstValues = shift & 2 ? DOWN : UP
  const secondValues = shift & 1 ? DOWN : UP
  const firstMoved = choosePoint(group * 2, 0, numbers, weights, scale, firstValues)
  const secondMoved = choosePoint(group * 2 + 1, 1, numbers, weights, scale, secondValues)
  if (firstMoved || secondMoved) {
    clearSums()
    addSums(group * 2, numbers, weights, firstValues, 1)
    addSums(group * 2 + 1, numbers + 32, weights + 32, secondValues, 1)
    if (valueSum > 0 && levelSum > 0) scale = valueSum / levelSum
  }
  store<f32>(scales + group * 4, scale)
  return scale
}

/** Rounds the groups' scales to 3 bits, then fits the scale of the block, whose half goes to the top nibbles of the four words. */
function storeScales(source: usize, destination: usize, unit: f32): void {
  const inverse: f32 = 1 / unit
  clearSums()
  let words: u64 = 0
  for (let group: usize = 0; group < 16; group++) {
    const step = oddStep(load<f32>(scales + group * 4), inverse, 7)
    words |= <u64>step << (16 * (<u64>group >> 2) + 3 * (<u64>group & 3))
    const shift = load<u8>(shifts + group)
    const factor = <f32>(step * 2 + 1)
    const numbers = source + group * 64
    const weights = BLOCK_WEIGHTS + group * 64
    addSums(group * 2, numbers, weights, shift & 2 ? DOWN : UP, factor)
    addSums(group * 2 + 1, numbers + 32, weights + 32, shift & 1 ? DOWN : UP, factor)
  }
  const scale: f32 = levelSum > 0 ? valueSum / levelSum : unit
  const half = <u64>encodedHalf(scale * 1.1125)
  words |= ((half & 15) << 12) | ((half & 0xf0) << 24) | ((half & 0xf00) << 36) | ((half & 0xf000) << 48)
  store<u64>(destination, words, 48)
}
