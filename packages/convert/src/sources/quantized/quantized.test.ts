// Checkpoints that other tools quantized: packed here as those tools pack, they give the weights their formulas give.
import type { Checkpoint, Json } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { converted, opened } from '../converted.test-support.ts'
import { json, type Stored, stored, text } from '../in-memory.test-support.ts'
import { LAYERS, type LayerName, plainLlama, tinyLlama, type Weights, WIDTH } from '../tiny-llama.test-support.ts'

type Layer = { readonly parts: { readonly [part: string]: Stored }; readonly whole: Float32Array }
type MakeLayer = (outputs: number, inputs: number, seed: number) => Layer

/** A checkpoint whose every linear layer is quantized, and the weights that should come out. */
async function quantized(
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
async function expectWhole(make: MakeLayer, config: { readonly [key: string]: Json }): Promise<void> {
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
const scalesOf = (count: number, seed: number): Float32Array =>
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

const matrix = (rows: number, columns: number, value: (row: number, column: number) => number): Float32Array =>
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

const gptq = (bits: number, groupSize: number, order: 'in order' | 'by activation', zeroOffset: 0 | 1): MakeLayer => {
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

describe('GPTQ', () => {
  const config = (bits: number, group_size: number, more: { readonly [key: string]: Json } = {}) => ({
    quantization_config: { quant_method: 'gptq', bits, group_size, ...more },
  })
  test.each([
    [4, 32, 'in order'],
    [4, 32, 'by activation'],
    [4, -1, 'in order'],
    [8, 32, 'in order'],
    [2, 32, 'in order'],
    [3, 32, 'by activation'],
  ] as const)('%i bits in groups of %i, %s', async (bits, groupSize, order) => {
    await expectWhole(gptq(bits, groupSize, order, 1), config(bits, groupSize))
  })

  test('version 2 stores zero points as they are; auto-round writes the same', async () => {
    await expectWhole(gptq(4, 32, 'in order', 0), config(4, 32, { checkpoint_format: 'gptq_v2' }))
    const settings = { quant_method: 'auto-round', bits: 4, group_size: 32, packing_format: 'auto_round:auto_gptq' }
    await expectWhole(gptq(4, 32, 'in order', 1), { quantization_config: settings })
  })

  test('settings may lie beside config.json, as they did in 2023', async () => {
    const layers = (name: LayerName, outputs: number, inputs: number) => gptq(4, 32, 'in order', 1)(outputs, inputs, name.length).parts
    const model = await opened(await tinyLlama(layers, {}, { 'quantize_config.json': json({ bits: 4, group_size: 32, desc_act: false }) }))
    expect(model.tensors.get('model.layers.0.mlp.up_proj.weight')!.chain).toEqual([{ kind: 'transpose' }])
    const old = await opened(
      await tinyLlama(
        (_, outputs, inputs) => awq(outputs, inputs, 0).parts,
        {},
        { 'quant_config.json': json({ w_bit: 4, q_group_size: 32, version: 'GEMM' }) },
      ),
    )
    expect(old.notices.map(({ code }) => code)).toContain('convert/quantized-twice')
  })

  test('the result takes the type the model was saved in', async () => {
    const { checkpoint } = await quantized(gptq(4, 32, 'in order', 1), { ...config(4, 32), torch_dtype: 'bfloat16' })
    expect((await converted(checkpoint, 'auto')).tensors['blk.0.attn_v.weight']!.type).toBe('BF16')
  })
})

const awq: MakeLayer = (outputs, inputs, seed) => {
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

test('AWQ in the gemm layout', async () => {
  await expectWhole(awq, { quantization_config: { quant_method: 'awq', bits: 4, group_size: 32, zero_point: true, version: 'gemm' } })
})

const mlx = (bits: number): MakeLayer => {
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

describe('MLX', () => {
  test.each([2, 3, 4, 5, 6, 8])('%i bits', async (bits) => {
    await expectWhole(mlx(bits), { quantization: { group_size: 32, bits }, quantization_config: { group_size: 32, bits } })
  })

  test('a layer may have bits of its own', async () => {
    const own = 'model.layers.0.mlp.down_proj'
    const make: MakeLayer = (outputs, inputs, seed) => mlx(inputs === WIDTH ? 8 : 4)(outputs, inputs, seed)
    await expectWhole(make, { quantization: { group_size: 32, bits: 4, [own]: { group_size: 32, bits: 8 } } })
  })
})

const int8Rows: MakeLayer = (outputs, inputs, seed) => {
  const levels = levelsOf(outputs * inputs, seed, 256).map((level) => level - 128)
  const scales = scalesOf(outputs, seed)
  return {
    parts: { weight: stored('I8', [outputs, inputs], levels), weight_scale: stored('F32', [outputs, 1], scales) },
    whole: matrix(outputs, inputs, (row, column) => levels[row * inputs + column]! * scales[row]!),
  }
}

/** Bytes of F8_E4M3 and what they stand for; NaNs left out. */
const fp8 = (count: number, seed: number) => {
  const bytes = levelsOf(count, seed, 256).map((byte) => ((byte & 0x7f) === 0x7f ? 0x38 : byte))
  const values = bytes.map((byte) => {
    const [sign, exponent, fraction] = [byte & 128 ? -1 : 1, (byte >> 3) & 15, byte & 7]
    return sign * (exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7))
  })
  return { bytes, values }
}

const fp8Blocks = (block: number, suffix: string): MakeLayer => {
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

const fp8Whole: MakeLayer = (outputs, inputs, seed) => {
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

describe('FP8', () => {
  test('blocks that do not divide the matrix, as in DeepSeek’s and Qwen’s checkpoints', async () => {
    const settings = { quant_method: 'fp8', weight_block_size: [40, 40], activation_scheme: 'dynamic' }
    await expectWhole(fp8Blocks(40, 'weight_scale_inv'), { quantization_config: settings })
  })

  test.each(['fp8', 'modelopt'])('%s: one scale for a matrix; scales of activations are no weights', async (quant_method) => {
    await expectWhole(fp8Whole, { quantization_config: { quant_method, quant_algo: 'FP8' } })
  })
})

const packedIntegers = (bits: number, zeroPoints: boolean, order: 'in order' | 'by activation'): MakeLayer => {
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

describe('compressed-tensors', () => {
  const config = (format: string, more: { readonly [key: string]: Json } = {}) => ({
    quantization_config: { quant_method: 'compressed-tensors', format, ...more },
  })
  test.each([
    [4, 'symmetric', 'in order'],
    [4, 'with zero points', 'in order'],
    [4, 'with zero points', 'by activation'],
    [8, 'symmetric', 'in order'],
  ] as const)('%i bits packed, %s, groups %s', async (bits, zeros, order) => {
    await expectWhole(packedIntegers(bits, zeros === 'with zero points', order), config('pack-quantized'))
  })

  test('8-bit integers and FP8 by row, and FP8 in blocks', async () => {
    await expectWhole(int8Rows, config('int-quantized'))
    const rows: MakeLayer = (outputs, inputs, seed) => {
      const { bytes, values } = fp8(outputs * inputs, seed)
      const scales = scalesOf(outputs, seed)
      return {
        parts: { weight: stored('F8_E4M3', [outputs, inputs], bytes), weight_scale: stored('F32', [outputs, 1], scales) },
        whole: matrix(outputs, inputs, (row, column) => values[row * inputs + column]! * scales[row]!),
      }
    }
    await expectWhole(rows, config('float-quantized'))
    await expectWhole(fp8Blocks(128, 'weight_scale'), config('float-quantized'))
  })
})

const NF4 = Array.from({ length: 16 }, (_, level) => f32(Math.sin((level - 7.5) / 5)))
const state = (outputs: number, inputs: number, more: object): Stored => {
  const bytes = text(JSON.stringify({ quant_type: 'nf4', blocksize: 64, dtype: 'bfloat16', shape: [outputs, inputs], ...more }))
  return stored('U8', [bytes.length], bytes)
}

const fourBit = (nested: boolean): MakeLayer => {
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

const eightBit: MakeLayer = (outputs, inputs, seed) => {
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

describe('bitsandbytes', () => {
  const config = { quantization_config: { quant_method: 'bitsandbytes', load_in_4bit: true } }
  test.each([
    ['plain scales', false],
    ['scales packed once more', true],
  ] as const)('4 bits, %s', async (_what, nested) => {
    await expectWhole(fourBit(nested), config)
  })

  test('8 bits; other layouts than by row are refused', async () => {
    await expectWhole(eightBit, { quantization_config: { load_in_8bit: true } })
    const turing: MakeLayer = (outputs, inputs, seed) => {
      const { parts, whole } = eightBit(outputs, inputs, seed)
      return { parts: { ...parts, weight_format: stored('U8', [], [2]) }, whole }
    }
    const { checkpoint } = await quantized(turing, { quantization_config: { load_in_8bit: true } })
    await expect(opened(checkpoint)).rejects.toMatchObject({ code: 'convert/quantized-layout' })
  })

  test('by itself the result has the type the weights had', async () => {
    const { checkpoint } = await quantized(fourBit(true), config)
    expect((await converted(checkpoint, 'auto')).tensors['blk.0.attn_v.weight']!.type).toBe('BF16')
  })
})

describe('what is refused', () => {
  const plain: MakeLayer = (outputs, inputs) => ({
    parts: { weight: stored('F32', [outputs, inputs], new Float32Array(outputs * inputs)) },
    whole: new Float32Array(0),
  })
  test.each<[what: string, settings: Json]>([
    ['an unknown method', { quant_method: 'aqlm' }],
    ['no method', { something: true }],
    ['GPTQ of 5.5 bits', { quant_method: 'gptq', bits: 5.5 }],
    ['GPTQ for Marlin', { quant_method: 'gptq', bits: 4, checkpoint_format: 'marlin' }],
    ['GPTQ for Marlin, as it was said earlier', { quant_method: 'gptq', bits: 4, is_marlin_format: true }],
    ['GPTQ of several widths', { quant_method: 'gptq', bits: 4, dynamic: { '+:.*down.*': { bits: 8 } } }],
    ['AWQ of 8 bits', { quant_method: 'awq', bits: 8 }],
    ['AWQ for GEMV', { quant_method: 'awq', bits: 4, version: 'gemv' }],
    ['auto-round in its own layout', { quant_method: 'auto-round', bits: 4, packing_format: 'auto_round' }],
    ['NVFP4', { quant_method: 'modelopt', quant_algo: 'NVFP4' }],
    ['compressed-tensors in NVFP4', { quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized' }],
    ['a sparse checkpoint', { quant_method: 'compressed-tensors', format: 'dense', sparsity_config: { format: 'sparse-24-bitmask' } }],
    ['rotated weights', { quant_method: 'compressed-tensors', format: 'int-quantized', transform_config: { config_groups: { u: {} } } }],
    ['MLX’s MXFP4', { group_size: 32, bits: 4, mode: 'mxfp4' }],
  ])('%s', async (_what, quantization_config) => {
    const { checkpoint } = await quantized(plain, { quantization_config, _name_or_path: 'org/original' })
    await expect(opened(checkpoint)).rejects.toMatchObject({
      code: 'convert/quantized-source',
      message: expect.stringMatching(/convert the model it was made from, org\/original$/),
    })
  })

  test('the base model’s name is taken from the model card first, and never from a path', async () => {
    const card = text('---\nbase_model:\n- Qwen/Qwen2.5-1.5B\n---\n')
    const open = async (name: string, files: { readonly [name: string]: Uint8Array }) =>
      opened(await tinyLlama(() => ({}), { quantization_config: { quant_method: 'aqlm' }, _name_or_path: name }, files))
    await expect(open('org/original', { 'README.md': card })).rejects.toMatchObject({
      details: { base: 'Qwen/Qwen2.5-1.5B', method: 'aqlm' },
    })
    await expect(open('/home/me/model', {})).rejects.toMatchObject({ message: expect.stringMatching(/made from$/) })
  })

  test.each<[what: string, code: string, make: MakeLayer, settings: Json]>([
    ['scales are missing', 'convert/quantized-part', without(awq, 'scales'), { quant_method: 'awq', bits: 4, group_size: 32 }],
    ['groups are of another size', 'convert/quantized-shape', awq, { quant_method: 'awq', bits: 4, group_size: 128 }],
    ['words are too few', 'convert/quantized-shape', gptq(4, 32, 'in order', 1), { quant_method: 'gptq', bits: 8, group_size: 32 }],
    ['bits are no bits', 'convert/quantized-shape', mlx(4), { group_size: 32, bits: 1 }],
    [
      'settings are no JSON',
      'convert/quantized-shape',
      withPart(fourBit(false), 'weight.quant_state.bitsandbytes__nf4', text('{')),
      { load_in_4bit: true },
    ],
    [
      'a shape is impossible',
      'convert/quantized-shape',
      withPart(fourBit(false), 'weight.quant_state.bitsandbytes__nf4', json({ blocksize: 64, shape: [2 ** 40, 2 ** 40] })),
      { load_in_4bit: true },
    ],
    [
      'a shape is another’s',
      'convert/quantized-shape',
      withPart(fourBit(false), 'weight.quant_state.bitsandbytes__nf4', json({ blocksize: 64, shape: [3, 5] })),
      { load_in_4bit: true },
    ],
    [
      'the original shape is missing',
      'convert/quantized-part',
      without(packedIntegers(4, false, 'in order'), 'weight_shape'),
      { quant_method: 'compressed-tensors', format: 'pack-quantized' },
    ],
  ])('%s: %s', async (_what, code, make, quantization_config) => {
    const { checkpoint } = await quantized(make, { quantization_config })
    await expect(opened(checkpoint)).rejects.toMatchObject({ code })
  })
})

function without(make: MakeLayer, part: string): MakeLayer {
  return (outputs, inputs, seed) => {
    const { parts, whole } = make(outputs, inputs, seed)
    return { parts: Object.fromEntries(Object.entries(parts).filter(([name]) => name !== part)), whole }
  }
}

function withPart(make: MakeLayer, part: string, bytes: Uint8Array): MakeLayer {
  return (outputs, inputs, seed) => {
    const { parts, whole } = make(outputs, inputs, seed)
    return { parts: { ...parts, [part]: stored('U8', [bytes.length], bytes) }, whole }
  }
}
