// `--adapter DIR` on the example: what is merged, what is said, what is refused.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layoutSafetensors } from '@fs/formats/safetensors'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../../test-support/terminal.test-support.ts'

const folder = useFolder()
const { hidden_size: hidden } = JSON.parse(readFileSync(join(EXAMPLE, 'config.json'), 'utf8')) as { readonly hidden_size: number }
const LAYER = 'base_model.model.model.layers.0.self_attn.o_proj'

/** A folder as PEFT saves one, for one layer: B filled with one value, A with ones. */
function adapterFolder(name: string, value: number): string {
  const [down, up] = [`${LAYER}.lora_A.weight`, `${LAYER}.lora_B.weight`]
  const layout = layoutSafetensors({
    tensors: [
      { name: down, dtype: 'F32', shape: [2, hidden] },
      { name: up, dtype: 'F32', shape: [hidden, 2] },
    ],
  })
  const file = new Uint8Array(layout.size)
  file.set(layout.header)
  for (const { name: tensor, offset, byteLength } of layout.tensors)
    file.set(new Uint8Array(new Float32Array(byteLength / 4).fill(tensor === down ? 1 : value).buffer), offset)
  mkdirSync(folder.file(name))
  writeFileSync(folder.file(`${name}/adapter_model.safetensors`), file)
  writeFileSync(folder.file(`${name}/adapter_config.json`), JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 4 }))
  return name
}

const convert = (...parameters: string[]) => tell(folder.path, ['convert', EXAMPLE, '--quant', 'f32', '--no-verify', ...parameters])

describe('--adapter', () => {
  test('an adapter that adds nothing changes no byte; one that does changes the file', async () => {
    await convert('-o', 'plain.gguf')
    const nothing = await convert('-o', 'nothing.gguf', '--adapter', adapterFolder('zeros', 0))
    expect(nothing).toMatchObject({ code: 0, err: expect.stringContaining('the adapter zeros is merged into 1 weight') })
    expect(readFileSync(folder.file('nothing.gguf')).equals(readFileSync(folder.file('plain.gguf')))).toBe(true)
    expect(await convert('-o', 'changed.gguf', '--adapter', adapterFolder('ones', 1))).toMatchObject({ code: 0 })
    expect(readFileSync(folder.file('changed.gguf')).equals(readFileSync(folder.file('plain.gguf')))).toBe(false)
  })

  test('the result is not held against the original, which lacks the adapter', async () => {
    const { code, err } = await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q8_0', '--adapter', adapterFolder('ones', 1)])
    expect(code).toBe(0)
    expect(err).toContain('not checked: the original has no adapter merged')
  })

  test('a GGUF takes an adapter too', async () => {
    await convert('-o', 'plain.gguf')
    const adapter = adapterFolder('ones', 1)
    await convert('-o', 'from-checkpoint.gguf', '--adapter', adapter)
    const merged = ['convert', 'plain.gguf', '--quant', 'f32', '-o', 'from-gguf.gguf', '--no-verify', '--adapter', adapter]
    expect(await tell(folder.path, merged)).toMatchObject({ code: 0 })
    expect(readFileSync(folder.file('from-gguf.gguf')).equals(readFileSync(folder.file('from-checkpoint.gguf')))).toBe(true)
  })

  test('a folder that is no adapter is refused in one sentence', async () => {
    expect(await convert('-o', 'x.gguf', '--adapter', EXAMPLE)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: the adapter .* has no adapter_config\.json; point at the folder PEFT saved the adapter to\n$/),
    })
  })
})
