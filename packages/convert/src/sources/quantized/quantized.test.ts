// Checkpoints that other tools quantized: packed here as those tools pack, they give the weights their formulas give.
import type { Json } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { converted, opened } from '../converted.test-support.ts'
import { json, stored } from '../in-memory.test-support.ts'
import { type LayerName, tinyLlama, WIDTH } from '../tiny-llama.test-support.ts'
import {
  awq,
  eightBit,
  expectWhole,
  fourBit,
  fp8,
  fp8Blocks,
  fp8Whole,
  gptq,
  int8Rows,
  type MakeLayer,
  matrix,
  mlx,
  packedIntegers,
  quantized,
  scalesOf,
} from './packers.test-support.ts'

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

test('AWQ in the gemm layout', async () => {
  await expectWhole(awq, { quantization_config: { quant_method: 'awq', bits: 4, group_size: 32, zero_point: true, version: 'gemm' } })
})

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

describe('FP8', () => {
  test('blocks that do not divide the matrix, as in DeepSeek’s and Qwen’s checkpoints', async () => {
    const settings = { quant_method: 'fp8', weight_block_size: [40, 40], activation_scheme: 'dynamic' }
    await expectWhole(fp8Blocks(40, 'weight_scale_inv'), { quantization_config: settings })
  })

  test.each(['fp8', 'modelopt'])('%s: one scale for a matrix; scales of activations are no weights', async (quant_method) => {
    await expectWhole(fp8Whole, { quantization_config: { quant_method, quant_algo: 'FP8' } })
  })
})

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
