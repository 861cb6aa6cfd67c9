// A head that repeats the embedding is not stored twice; one that says something of its own is kept.
import { openCheckpoint } from '@fs/formats/checkpoint'
import { fileFolder } from '@fs/formats/folder'
import { describe, expect, test } from 'vitest'
import { tinyLlama } from '../folder/tiny-models.test-support.ts'
import { openModel } from '../open-model.ts'
import { countingNumbers, json, safetensorsFile, stored } from '../sources/in-memory.test-support.ts'
import { planLitertlm } from './plan-litertlm.ts'

const HEAD = { 'lm_head.weight': [6, 8] }

const headOf = async (model: Parameters<typeof planLitertlm>[0]) => {
  const { tflite, notices } = await planLitertlm(model, { quantization: 'none' })
  return {
    stored: tflite.plan.buffers.some(({ tensor }) => tensor === 'output.weight'),
    noticed: notices.some(({ code }) => code === 'convert/tied-head'),
  }
}

describe('a stored head', () => {
  test('is left out where config.json ties it, with a notice', async () => {
    const model = await openModel(await tinyLlama({}, { tie_word_embeddings: true }, HEAD))
    expect(await headOf(model)).toEqual({ stored: false, noticed: true })
  })

  test('is kept where config.json does not, or says nothing', async () => {
    for (const config of [{ tie_word_embeddings: false }, {}]) {
      const model = await openModel(await tinyLlama({}, config, HEAD))
      expect(await headOf(model)).toEqual({ stored: true, noticed: false })
    }
  })

  test('is kept where an adapter changed it', async () => {
    const tensors = {
      'base_model.model.lm_head.lora_A.weight': stored('F32', [2, 8], countingNumbers(16, 1)),
      'base_model.model.lm_head.lora_B.weight': stored('F32', [6, 2], countingNumbers(12, 2)),
    }
    const files = new Map([
      ['adapter_config.json', json({ peft_type: 'LORA', r: 2, lora_alpha: 2, base_model_name_or_path: 'org/base' })],
      ['adapter_model.safetensors', safetensorsFile(tensors)],
    ])
    const adapter = await openCheckpoint(fileFolder('adapter', files))
    const model = await openModel(await tinyLlama({}, { tie_word_embeddings: true }, HEAD), { adapter })
    expect(await headOf(model)).toEqual({ stored: true, noticed: false })
  })
})
