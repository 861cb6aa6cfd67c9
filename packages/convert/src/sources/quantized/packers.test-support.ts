// Layers packed as other tools pack them, with the weights their formulas give, and checkpoints made of such layers.
import type { Checkpoint, Json } from '@fs/core'
import { expect } from 'vitest'
import { converted } from '../converted.test-support.ts'
import { type Stored, stored, text } from '../in-memory.test-support.ts'
import { LAYERS, type LayerName, plainLlama, tinyLlama, type Weights } from '../tiny-llama.test-support.ts'

type Layer = { readonly parts: { readonly [part: string]: Stored }; readonly whole: Float32Array }
export type MakeLayer = (outputs: number, inputs: number, seed: number) => Layer

/** A checkpoint whose every linear layer is quantized, and the weights that should come out. */
export async function quantized(
  make: MakeLayer,
  config: { readonly [key: string]: Json },
): Promise<{ readonly checkpoint: Checkpoint; readonly weights: Weights }> {
  const layers = new Map(
    Object.entries(LAYERS).map(([name, [outputs, inputs]], index) => [name as LayerName, make(outputs, inputs, index)]),
  )
  const weights = Object.fromEntries([...layers].map(([name, { whole }]) => [name, whole])) as Weights
  return { checkpoint: await tinyLlama((name) => layers.get(name)!.parts, config), weights }
}

/** Converts both forms and compares every tensor. */
export async function expectWhole(make: MakeLayer, config: { readonly [key: string]: Json }): Promise<void> {
  const { checkpoint, weights } = await quantized(make, config)
  const made = await converted(checkpoint)
  const reference = await converted(await plainLlama(weights))
  expect(Object.keys(made.tensors).sort()).toEqual(Object.keys(reference.tensors).sort())
  for (const [name, tensor] of Object.entries(reference.tensors)) expect(made.tensors[name], name).toEqual(tensor)
  expect(made.notices).toContain('convert/quantized-twice')
  expect(made.model.checkpoint.config).not.toHaveProperty('quantization_config')
}

const f32 = Math.fround
const levelsOf = (count: number, seed: number, values: number): number[] =>
  Array.from({ length: count }, (_, index) => (index * 7 + seed * 3 + (index >> 5)) % values)
export const scalesOf = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => ((index + seed) % 13) / 64 + 1 / 128)

/** Bits of levels one behind the other into 32-bit words. */
function packBits(levels: readonly number[], bits: number): Int32Array {
  const words = new Array<bigint>(Math.ceil((levels.length * bits) / 32)).fill(0n)
  for (const [index, level] of levels.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      const at = index * bits + bit
      if ((level >> bit) & 1) words[Math.floor(at / 32)]! |= 1n << BigInt(at % 32)
    }
  }
  return Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word)))
}

export const matrix = (rows: number, columns: number, value: (row: number, column: number) => number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, index) => value(Math.floor(index / columns), index % columns))

/** Rows of words, from rows of levels. */
const packRows = (rows: number, columns: number, bits: number, level: (row: number, column: number) => number): Int32Array =>
  Int32Array.from(
    Array.from({ length: rows }, (_, row) => [
      ...packBits(
        Array.from({ length: columns }, (_, column) => level(row, column)),
        bits,
      ),
    ]).flat(),
  )

/** Words down the columns: the transpose of the packed transpose. */
function packColumns(rows: number, columns: number, bits: number, level: (row: number, column: number) => number): Int32Array {
  const wordRows = (rows * bits) / 32
  const words = packRows(columns, rows, bits, (column, row) => level(row, column))
  return Int32Array.from({ length: wordRows * columns }, (_, index) => words[(index % columns) * wordRows + Math.floor(index / columns)]!)
}

export const gptq = (bits: number, groupSize: number, order: 'in order' | 'by activation', zeroOffset: 0 | 1): MakeLayer => {
  return (outputs, inputs, seed) => {
    const size = groupSize < 0 ? inputs : groupSize
    const groups = inputs / size
    const levels = levelsOf(inputs * outputs, seed, 2 ** bits)
    const scales = scalesOf(groups * outputs, seed)
    // Zero points 1 and above: what version 1 can store.
    const zeros = levelsOf(groups * outputs, seed + 1, 2 ** bits - 1).map((zero) => zero + 1)
    const groupOf = Array.from({ length: inputs }, (_, row) => (order === 'in order' ? Math.floor(row / size) : (row * 5) % groups))
    const qzeros = packRows(groups, outputs, bits, (group, column) => zeros[group * outputs + column]! - zeroOffset)
    return {
      parts: {
        qweight: stored(
          'I32',
          [(inputs * bits) / 32, outputs],
          packColumns(inputs, outputs, bits, (row, column) => levels[row * outputs + column]!),
        ),
        qzeros: stored('I32', [groups, (outputs * bits) / 32], qzeros),
        scales: stored('F32', [groups, outputs], scales),
        g_idx: stored('I32', [inputs], groupOf),
      },
      whole: matrix(outputs, inputs, (output, input) => {
        const place = groupOf[input]! * outputs + output
        return (levels[input * outputs + output]! - zeros[place]!) * scales[place]!
      }),
    }
  }
}

export const awq: MakeLayer = (outputs, inputs, seed) => {
  const groups = inputs / 32
  const levels = levelsOf(inputs * outputs, seed, 16)
  const zeros = levelsOf(groups * outputs, seed + 1, 16)
  const scales = scalesOf(groups * outputs, seed)
  const packed = (rows: number, values: readonly number[]) => {
    // AutoAWQ puts columns 0, 2, 4, 6, 1, 3, 5, 7 of each eight one behind the other.
    const column = (place: number) => place - (place % 8) + [0, 2, 4, 6, 1, 3, 5, 7][place % 8]!
    return packRows(rows, outputs, 4, (row, place) => values[row * outputs + column(place)]!)
  }
  return {
    parts: {
      qweight: stored('I32', [inputs, outputs / 8], packed(inputs, levels)),
      qzeros: stored('I32', [groups, outputs / 8], packed(groups, zeros)),
      scales: stored('F32', [groups, outputs], scales),
    },
    whole: matrix(outputs, inputs, (output, input) => {
      const place = Math.floor(input / 32) * outputs + output
      return (levels[input * outputs + output]! - zeros[place]!) * scales[place]!
    }),
  }
}

export const mlx = (bits: number): MakeLayer => {
  return (outputs, inputs, seed) => {
    const groups = inputs / 32
    const levels = levelsOf(outputs * inputs, seed, 2 ** bits)
    const [scales, biases] = [scalesOf(outputs * groups, seed), scalesOf(outputs * groups, seed + 5).map((value) => -value)]
    return {
      parts: {
        weight: stored(
          'U32',
          [outputs, (inputs * bits) / 32],
          packRows(outputs, inputs, bits, (row, column) => levels[row * inputs + column]!),
        ),
        scales: stored('F32', [outputs, groups], scales),
        biases: stored('F32', [outputs, groups], biases),
      },
      whole: matrix(outputs, inputs, (row, column) => {
        const place = row * groups + Math.floor(column / 32)
        return f32(levels[row * inputs + column]! * scales[place]!) + biases[place]!
      }),
    }
  }
}

export const int8Rows: MakeLayer = (outputs, inputs, seed) => {
  const levels = levelsOf(outputs * inputs, seed, 256).map((level) => level - 128)
  const scales = scalesOf(outputs, seed)
  return {
    parts: { weight: stored('I8', [outputs, inputs], levels), weight_scale: stored('F32', [outputs, 1], scales) },
    whole: matrix(outputs, inputs, (row, column) => levels[row * inputs + column]! * scales[row]!),
  }
}

/** Bytes of F8_E4M3 and what they stand for; NaNs left out. */
export const fp8 = (count: number, seed: number) => {
  const bytes = levelsOf(count, seed, 256).map((byte) => ((byte & 0x7f) === 0x7f ? 0x38 : byte))
  const values = bytes.map((byte) => {
    const [sign, exponent, fraction] = [byte & 128 ? -1 : 1, (byte >> 3) & 15, byte & 7]
    return sign * (exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7))
  })
  return { bytes, values }
}

export const fp8Blocks = (block: number, suffix: string): MakeLayer => {
  return (outputs, inputs, seed) => {
    const { bytes, values } = fp8(outputs * inputs, seed)
    const wide = Math.ceil(inputs / block)
    const scales = scalesOf(Math.ceil(outputs / block) * wide, seed)
    return {
      parts: { weight: stored('F8_E4M3', [outputs, inputs], bytes), [suffix]: stored('F32', [scales.length / wide, wide], scales) },
      whole: matrix(
        outputs,
        inputs,
        (row, column) => values[row * inputs + column]! * scales[Math.floor(row / block) * wide + Math.floor(column / block)]!,
      ),
    }
  }
}

export const fp8Whole: MakeLayer = (outputs, inputs, seed) => {
  const { bytes, values } = fp8(outputs * inputs, seed)
  const scale = f32(0.03125 + seed / 64)
  return {
    parts: {
      weight: stored('F8_E4M3', [outputs, inputs], bytes),
      weight_scale: stored('F32', [], [scale]),
      input_scale: stored('F32', [], [3]),
    },
    whole: matrix(outputs, inputs, (row, column) => values[row * inputs + column]! * scale),
  }
}

export const packedIntegers = (bits: number, zeroPoints: boolean, order: 'in order' | 'by activation'): MakeLayer => {
  return (outputs, inputs, seed) => {
    const groups = inputs / 32
    const middle = 2 ** (bits - 1)
    const levels = levelsOf(outputs * inputs, seed, 2 ** bits).map((level) => level - middle)
    const zeros = levelsOf(outputs * groups, seed + 2, 2 ** bits).map((zero) => (zeroPoints ? zero - middle : 0))
    const scales = scalesOf(outputs * groups, seed)
    const groupOf = Array.from({ length: inputs }, (_, column) => (order === 'in order' ? Math.floor(column / 32) : (column * 5) % groups))
    return {
      parts: {
        weight_packed: stored(
          'I32',
          [outputs, (inputs * bits) / 32],
          packRows(outputs, inputs, bits, (row, column) => levels[row * inputs + column]! + middle),
        ),
        weight_scale: stored('F32', [outputs, groups], scales),
        weight_shape: stored('I32', [2], [outputs, inputs]),
        ...(zeroPoints
          ? {
              weight_zero_point: stored(
                'I32',
                [(outputs * bits) / 32, groups],
                packColumns(outputs, groups, bits, (row, group) => zeros[row * groups + group]! + middle),
              ),
            }
          : {}),
        ...(order === 'in order' ? {} : { weight_g_idx: stored('I32', [inputs], groupOf) }),
      },
      whole: matrix(outputs, inputs, (row, column) => {
        const place = row * groups + groupOf[column]!
        return (levels[row * inputs + column]! - zeros[place]!) * scales[place]!
      }),
    }
  }
}

const NF4 = Array.from({ length: 16 }, (_, level) => f32(Math.sin((level - 7.5) / 5)))
const state = (outputs: number, inputs: number, more: object): Stored => {
  const bytes = text(JSON.stringify({ quant_type: 'nf4', blocksize: 64, dtype: 'bfloat16', shape: [outputs, inputs], ...more }))
  return stored('U8', [bytes.length], bytes)
}

export const fourBit = (nested: boolean): MakeLayer => {
  return (outputs, inputs, seed) => {
    const levels = levelsOf(outputs * inputs, seed, 16)
    const blocks = (outputs * inputs) / 64
    const scales = scalesOf(blocks, seed)
    const table = Array.from({ length: 256 }, (_, level) => f32(level / 100))
    const packedScales = levelsOf(blocks, seed, 256)
    const outer = scalesOf(Math.ceil(blocks / 16), seed + 3)
    const offset = f32(0.0625)
    const scaleOf = (block: number) =>
      nested ? f32(f32(table[packedScales[block]!]! * outer[Math.floor(block / 16)]!) + offset) : scales[block]!
    const bytes = Array.from({ length: levels.length / 2 }, (_, index) => levels[2 * index]! * 16 + levels[2 * index + 1]!)
    const shared = { weight: stored('U8', [bytes.length, 1], bytes), 'weight.quant_map': stored('F32', [16], NF4) }
    const parts = nested
      ? {
          'weight.absmax': stored('U8', [blocks], packedScales),
          'weight.nested_absmax': stored('F32', [outer.length], outer),
          'weight.nested_quant_map': stored('F32', [256], table),
          'weight.quant_state.bitsandbytes__nf4': state(outputs, inputs, { nested_blocksize: 16, nested_offset: offset }),
        }
      : { 'weight.absmax': stored('F32', [blocks], scales), 'weight.quant_state.bitsandbytes__nf4': state(outputs, inputs, {}) }
    return {
      parts: { ...shared, ...parts },
      whole: Float32Array.from(levels, (level, index) => NF4[level]! * scaleOf(Math.floor(index / 64))),
    }
  }
}

export const eightBit: MakeLayer = (outputs, inputs, seed) => {
  const levels = levelsOf(outputs * inputs, seed, 255).map((level) => level - 127)
  const largest = scalesOf(outputs, seed)
  return {
    parts: {
      weight: stored('I8', [outputs, inputs], levels),
      SCB: stored('F32', [outputs], largest),
      weight_format: stored('U8', [], [0]),
    },
    whole: matrix(outputs, inputs, (row, column) => f32(levels[row * inputs + column]! * largest[row]!) * f32(7.874015718698502e-3)),
  }
}
