// Search for IQ1_S and IQ1_M: sorted, the best assignment of three levels to the numbers of a group is two cuts; all pairs are tried,
// four groups at a time, one per lane. `quantize_row_iq1_s_impl`, `quantize_row_iq1_m_impl` (ggml-quants.c, llama.cpp v0.5.0).

/** What levels 0, 1, 2 stand for, with the shift up and down (`IQ1S_DELTA`, `IQ1M_DELTA`, ggml-common.h). */
export const UP: usize = memory.data<f32>([-0.875, 0.125, 1.125])
export const DOWN: usize = memory.data<f32>([-1.125, -0.125, 0.875])

/** Sums of weight times value and of weight up to each cut, one vector a cut; a second set is for the second eight of a group of IQ1_M. */
const valueSums: usize = memory.data(1056, 16)
const weightSums: usize = memory.data(1056, 16)
/** Bytes from the first set to the second. */
const SECOND: usize = 528

/** The order of each lane's numbers: 32 bytes a lane. */
const orders: usize = memory.data(128, 16)
const sorted: usize = memory.data(128, 16)

/** Of each lane: the numbers below the first cut and below the second, which shifts are down, and the scale. */
const lows: usize = memory.data(16, 16)
const highs: usize = memory.data(16, 16)
const shifts: usize = memory.data(16, 16)
const scales: usize = memory.data(16, 16)

/** Sorts a lane's numbers, equal ones staying in their order. */
function sortNumbers(source: usize, count: usize, order: usize): void {
  for (let number: usize = 0; number < count; number++) {
    const value = load<f32>(source + number * 4)
    let place = number
    while (place > 0 && load<f32>(sorted + place * 4 - 4) > value) {
      store<f32>(sorted + place * 4, load<f32>(sorted + place * 4 - 4))
      store<u8>(order + place, load<u8>(order + place - 1))
      place--
    }
    store<f32>(sorted + place * 4, value)
    store<u8>(order + place, <u8>number)
  }
}

/** Enters the group of one lane for `cutThirtyTwos`. */
export function enterThirtyTwo(lane: usize, source: usize, weights: usize): void {
  const order = orders + lane * 32
  sortNumbers(source, 32, order)
  let valueSum: f32 = 0
  let weightSum: f32 = 0
  for (let place: usize = 0; place <= 32; place++) {
    store<f32>(valueSums + place * 16 + lane * 4, valueSum)
    store<f32>(weightSums + place * 16 + lane * 4, weightSum)
    if (place == 32) break
    const at = <usize>load<u8>(order + place) * 4
    const weight = load<f32>(weights + at)
    valueSum += weight * load<f32>(source + at)
    weightSum += weight
  }
}

/** Enters the group of one lane for `cutSixteens`: sums of its first eight numbers, and of its second. */
export function enterSixteen(lane: usize, source: usize, weights: usize): void {
  const order = orders + lane * 32
  sortNumbers(source, 16, order)
  const at = valueSums + lane * 4
  const toWeights = weightSums - valueSums
  store<f32>(at, 0)
  store<f32>(at + SECOND, 0)
  store<f32>(at + toWeights, 0)
  store<f32>(at + toWeights + SECOND, 0)
  for (let place: usize = 0; place < 16; place++) {
    const number = <usize>load<u8>(order + place)
    const here = at + place * 16 + (number >> 3) * SECOND
    const other = at + place * 16 + (1 - (number >> 3)) * SECOND
    const weight = load<f32>(weights + number * 4)
    store<f32>(here, load<f32>(here) + weight * load<f32>(source + number * 4), 16)
    store<f32>(here + toWeights, load<f32>(here + toWeights) + weight, 16)
    store<f32>(other, load<f32>(other), 16)
    store<f32>(other + toWeights, load<f32>(other + toWeights), 16)
  }
}

/** Leaves a lane out: sums of zero have no cuts. */
export function enterNothing(lane: usize): void {
  for (let at: usize = lane * 4; at < 1056; at += 16) {
    store<f32>(valueSums + at, 0)
    store<f32>(weightSums + at, 0)
  }
}

let best: v128 = f32x4.splat(0)

// @ts-ignore: decorator
@inline
function begin(): void {
  best = f32x4.splat(-f32.MAX_VALUE)
  v128.store(shifts, i32x4.splat(-1))
  v128.store(scales, f32x4.splat(0))
}

/** Keeps a pair of cuts where it is better: the first of equals stays. */
// @ts-ignore: decorator
@inline
function consider(valueLevel: v128, levelLevel: v128, low: i32, high: i32, shift: i32): void {
  const larger = f32x4.gt(f32x4.mul(valueLevel, valueLevel), f32x4.mul(best, levelLevel))
  const better = v128.and(f32x4.gt(levelLevel, f32x4.splat(0)), larger)
  if (v128.any_true(better)) keep(better, valueLevel, levelLevel, low, high, shift)
}

function keep(better: v128, valueLevel: v128, levelLevel: v128, low: i32, high: i32, shift: i32): void {
  const scale = f32x4.div(valueLevel, levelLevel)
  best = v128.bitselect(f32x4.mul(scale, valueLevel), best, better)
  v128.store(scales, v128.bitselect(scale, v128.load(scales), better))
  v128.store(lows, v128.bitselect(i32x4.splat(low), v128.load(lows), better))
  v128.store(highs, v128.bitselect(i32x4.splat(high), v128.load(highs), better))
  v128.store(shifts, v128.bitselect(i32x4.splat(shift), v128.load(shifts), better))
}

/** For each cut: what the numbers above it add to the sums of values and of weights, shifted up, then down. */
const above: usize = memory.data(2112, 16)
const eighthInMemory: usize = memory.data<f32>([0.125])

/** Tries all cuts of the entered groups of 32, which are shifted as a whole: shift 0 is up, 1 down. */
export function cutThirtyTwos(): void {
  begin()
  for (let cut: usize = 0; cut <= 32; cut++) {
    const value = f32x4.sub(v128.load(valueSums, 512), v128.load(valueSums + cut * 16))
    const weight = f32x4.sub(v128.load(weightSums, 512), v128.load(weightSums + cut * 16))
    const at = above + cut * 64
    v128.store(at, f32x4.mul(value, f32x4.splat(1.125)))
    v128.store(at, f32x4.mul(value, f32x4.splat(0.875)), 16)
    v128.store(at, f32x4.mul(f32x4.mul(weight, f32x4.splat(1.125)), f32x4.splat(1.125)), 32)
    v128.store(at, f32x4.mul(f32x4.mul(weight, f32x4.splat(0.875)), f32x4.splat(0.875)), 48)
  }
  const eighth = v128.load32_splat(eighthInMemory) // stays in a register: see `constants.ts`
  for (let low = 0; low <= 32; low++) {
    const lowValue = v128.load(valueSums + <usize>low * 16)
    const lowWeight = v128.load(weightSums + <usize>low * 16)
    const lowValueUp = f32x4.mul(lowValue, f32x4.splat(-0.875))
    const lowValueDown = f32x4.mul(lowValue, f32x4.splat(-1.125))
    const lowWeightUp = f32x4.mul(f32x4.mul(lowWeight, f32x4.splat(-0.875)), f32x4.splat(-0.875))
    const lowWeightDown = f32x4.mul(f32x4.mul(lowWeight, f32x4.splat(-1.125)), f32x4.splat(-1.125))
    for (let high = low; high <= 32; high++) {
      const at = above + <usize>high * 64
      const middle = f32x4.mul(f32x4.sub(v128.load(valueSums + <usize>high * 16), lowValue), eighth)
      const weight = f32x4.mul(f32x4.mul(f32x4.sub(v128.load(weightSums + <usize>high * 16), lowWeight), eighth), eighth)
      const up = f32x4.add(f32x4.add(lowValueUp, middle), v128.load(at))
      const down = f32x4.add(f32x4.sub(lowValueDown, middle), v128.load(at, 16))
      consider(up, f32x4.add(f32x4.add(lowWeightUp, weight), v128.load(at, 32)), low, high, 0)
      consider(down, f32x4.add(f32x4.add(lowWeightDown, weight), v128.load(at, 48)), low, high, 1)
    }
  }
}

/** Total sums of both eights: of values shifted up and down, of weights shifted up and down. */
const totals: usize = memory.data(128, 16)
/** Factors of the cuts in the sums of weights, the differences of the squares of neighbouring values: 3/4 and -5/4 shifted up, 5/4 and -3/4 down. */
const factorsInMemory: usize = memory.data<f32>([0.75, 1.25])

/** Tries all cuts of the entered groups of 16, whose eights are shifted each on its own: bit 1 of the shift is the first, bit 0 the second. */
export function cutSixteens(): void {
  begin()
  storeTotals(0, totals)
  storeTotals(SECOND, totals + 64)
  const threeQuarters = v128.load32_splat(factorsInMemory)
  const fiveQuarters = v128.load32_splat(factorsInMemory, 4)
  for (let low = 0; low <= 16; low++) {
    const lowSums = <usize>low * 16
    for (let high = low; high <= 16; high++) {
      const highSums = <usize>high * 16
      const first = f32x4.add(v128.load(valueSums + lowSums), v128.load(valueSums + highSums))
      const second = f32x4.add(v128.load(valueSums + SECOND + lowSums), v128.load(valueSums + SECOND + highSums))
      const firstUp = f32x4.sub(v128.load(totals), first)
      const firstDown = f32x4.sub(v128.load(totals, 16), first)
      const secondUp = f32x4.sub(v128.load(totals, 64), second)
      const secondDown = f32x4.sub(v128.load(totals, 80), second)
      const firstUpWeight = weightSum(totals + 32, weightSums + lowSums, weightSums + highSums, threeQuarters, fiveQuarters)
      const firstDownWeight = weightSum(totals + 48, weightSums + lowSums, weightSums + highSums, fiveQuarters, threeQuarters)
      const other = weightSums + SECOND
      const secondUpWeight = weightSum(totals + 96, other + lowSums, other + highSums, threeQuarters, fiveQuarters)
      const secondDownWeight = weightSum(totals + 112, other + lowSums, other + highSums, fiveQuarters, threeQuarters)
      consider(f32x4.add(firstUp, secondUp), f32x4.add(firstUpWeight, secondUpWeight), low, high, 0)
      consider(f32x4.add(firstUp, secondDown), f32x4.add(firstUpWeight, secondDownWeight), low, high, 1)
      consider(f32x4.add(firstDown, secondUp), f32x4.add(firstDownWeight, secondUpWeight), low, high, 2)
      consider(f32x4.add(firstDown, secondDown), f32x4.add(firstDownWeight, secondDownWeight), low, high, 3)
    }
  }
}

function storeTotals(eight: usize, into: usize): void {
  const value = v128.load(valueSums + eight, 256)
  const weight = v128.load(weightSums + eight, 256)
  v128.store(into, f32x4.mul(value, f32x4.splat(1.125)))
  v128.store(into, f32x4.mul(value, f32x4.splat(0.875)), 16)
  v128.store(into, f32x4.mul(f32x4.mul(weight, f32x4.splat(1.125)), f32x4.splat(1.125)), 32)
  v128.store(into, f32x4.mul(f32x4.mul(weight, f32x4.splat(0.875)), f32x4.splat(0.875)), 48)
}

/** A total, plus the sum up to the low cut times one factor, less the sum up to the high cut times the other. */
// @ts-ignore: decorator
@inline
function weightSum(total: usize, low: usize, high: usize, lowFactor: v128, highFactor: v128): v128 {
  const withLow = f32x4.add(v128.load(total), f32x4.mul(v128.load(low), lowFactor))
  return f32x4.sub(withLow, f32x4.mul(v128.load(high), highFactor))
}

/** The scale a lane's cuts ask for, possibly negative. */
// @ts-ignore: decorator
@inline
export function cutScale(lane: usize): f32 {
  return load<f32>(scales + lane * 4)
}

/** The shift of a lane's cuts; -1 where it has none. */
// @ts-ignore: decorator
@inline
export function cutShift(lane: usize): i32 {
  return load<i32>(shifts + lane * 4)
}

/** Stores a lane's levels as bytes in the order of its numbers, turned round when the scale is negative. */
export function storeCutLevels(lane: usize, count: usize, destination: usize): void {
  const low = load<u32>(lows + lane * 4)
  const high = load<u32>(highs + lane * 4)
  const turned = cutScale(lane) < 0
  for (let place: usize = 0; place < count; place++) {
    const level: u8 = place < low ? 0 : place < high ? 1 : 2
    store<u8>(destination + <usize>load<u8>(orders + lane * 32 + place), turned ? 2 - level : level)
  }
}
