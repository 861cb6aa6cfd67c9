// Quantized checkpoints that are not read, and damaged ones: one sentence each, with the base model or the tensor.
import type { Json } from '@fs/core'
import { describe, expect, test } from 'vitest'
import { opened } from '../converted.test-support.ts'
import { json, stored, text } from '../in-memory.test-support.ts'
import { tinyLlama } from '../tiny-llama.test-support.ts'
import { awq, fourBit, gptq, type MakeLayer, mlx, packedIntegers, quantized } from './packers.test-support.ts'

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
