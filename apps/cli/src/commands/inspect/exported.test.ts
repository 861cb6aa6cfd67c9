// ONNX exports looked at and checked: what the graph says, and what is missing beside it.
import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EXAMPLE, tell } from '../../test-support/terminal.test-support.ts'

let folder = ''
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fartsovka-inspect-'))
  const parameters = ['convert', EXAMPLE, '--to', 'onnx', '--quant', 'q4_0,f32', '-o', 'out', '--no-verify', '--quiet', '--threads', '1']
  expect(await tell(folder, parameters)).toMatchObject({ code: 0 })
})
afterEach(() => rmSync(folder, { recursive: true }))

const inspect = (...parameters: string[]) => tell(folder, ['inspect', ...parameters])

describe('inspect', () => {
  test('shows inputs, outputs, operators and weights of the model that is loaded', async () => {
    const { code, out } = await inspect('out')
    expect(code).toBe(0)
    for (const line of [
      /architecture +LlamaForCausalLM/,
      /graph +model_q4\.onnx/,
      /beside it +onnx\/model\.onnx$/m,
      /operator sets +ai\.onnx 21, com\.microsoft 1/,
      /\d com\.microsoft\.MatMulNBits/,
      /past_key_values\.\{0\.\.\d\}\.key +float32 +\[batch_size, 2, past_sequence_length, 64\]/,
      /logits +float32 +\[batch_size, logit_positions, 1024\]/,
      /^uint8 /m,
    ])
      expect(out).toMatch(line)
  })

  test('says the same as JSON, and of another file of the folder', async () => {
    const overview = JSON.parse((await inspect('out/onnx/model.onnx', '--json')).out)
    expect(overview).toMatchObject({ container: 'onnx', producer: 'fartsovka', chatTemplate: true })
    expect(overview.types.map(({ type }: { type: string }) => type)).toEqual(['float32', 'int64'])
    const weights = JSON.parse((await inspect('out', '--tensors', '--json')).out)
    expect(weights).toContainEqual(expect.objectContaining({ type: 'uint8', location: 'model_q4.onnx_data' }))
    expect((await inspect('out', '--tensors')).out).toMatch(/integers +uint8 .*model_q4\.onnx_data at \d/)
  })

  test('shows the configuration and the chat template', async () => {
    expect((await inspect('out', '--metadata')).out).toContain('transformers.js_config')
    expect((await inspect('out', '--template')).out).toContain('messages')
  })

  test.each([
    ['--values', 'x'],
    ['--diff', EXAMPLE],
  ])('%s has no answer', async (...option) => {
    expect(await inspect('out', ...option)).toMatchObject({ code: 2, err: expect.stringContaining('fartsovka verify') })
  })
})

describe('validate', () => {
  const problems = async (path = 'out') => {
    const { code, out } = await tell(folder, ['validate', path, '--json'])
    return { code, codes: JSON.parse(out).problems.map(({ code: problem }: { code: string }) => problem) }
  }
  const file = (name: string) => join(folder, 'out/onnx', name)

  test.each(['out', 'out/onnx/model.onnx'])('finds nothing wrong with %s', async (path) => {
    expect(await problems(path)).toEqual({ code: 0, codes: [] })
    expect((await tell(folder, ['validate', path])).out).toMatch(/valid onnx, \d+ tensors/)
  })

  test('weights that are cut short', async () => {
    truncateSync(file('model_q4.onnx_data'), 1000)
    const { code, codes } = await problems()
    expect([code, new Set(codes)]).toEqual([3, new Set(['onnx/external-data'])])
  })

  test('weights of another model that are missing', async () => {
    rmSync(file('model.onnx_data'))
    expect(await problems()).toEqual({ code: 3, codes: ['cli/export-settings'] })
  })

  test('a graph that is cut short, or none', async () => {
    writeFileSync(file('model_q4.onnx'), readFileSync(file('model_q4.onnx')).subarray(0, 5000))
    expect(await problems()).toEqual({ code: 3, codes: ['onnx/damaged'] })
  })

  test('a graph under another name than the settings have', async () => {
    renameSync(file('model_q4.onnx'), file('else.onnx'))
    expect((await problems()).codes).toContain('cli/export-settings')
  })
})
