import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { EXAMPLE, tell, useFolder } from '../test-support/terminal.test-support.ts'

const folder = useFolder()

async function validate(file: string) {
  const { code, out } = await tell(folder.path, ['validate', file, '--json'])
  const { problems, ...facts } = JSON.parse(out)
  return { code, codes: problems.map((problem: { code: string }) => problem.code), problems, facts }
}

/** A safetensors file of this header and `data` zero bytes. */
function safetensors(name: string, header: unknown, data: number): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  writeFileSync(folder.file(name), Buffer.concat([length, json, Buffer.alloc(data)]))
}
const entry = (dtype: string, shape: readonly number[], start: number, end: number) => ({ dtype, shape, data_offsets: [start, end] })

describe('sound', () => {
  test('a folder', async () => {
    expect(await tell(folder.path, ['validate', EXAMPLE])).toMatchObject({
      code: 0,
      out: `${EXAMPLE}: valid safetensors with config.json, 20 tensors, 0 metadata values, 2.9 MB\n`,
    })
  })

  test('a GGUF file and its parts', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--quant', 'q8_0', '--split-max-size', '800k', '-o', 'm.gguf'])
    const parts = readdirSync(folder.path).sort()
    expect(parts.length).toBeGreaterThan(1)
    const file = parts[1]!
    const { code, facts } = await validate(file)
    expect([code, facts]).toEqual([
      0,
      {
        file,
        valid: true,
        container: 'gguf',
        tensors: 20,
        metadata: expect.any(Number),
        size: expect.any(Number),
      },
    ])
  })
})

describe('every reason is said, and the exit code is 3', () => {
  test('a unified folder whose config.json contradicts itself', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--to', 'unified', '-o', 'unified', '--no-verify'])
    expect(await validate('unified')).toMatchObject({ code: 0, facts: { container: 'unified' } })
    const path = folder.file('unified/config.json')
    const config = JSON.parse(readFileSync(path, 'utf8'))
    config.decoder.layers[1].attention.heads *= 2
    writeFileSync(path, JSON.stringify(config))
    expect(await validate('unified')).toMatchObject({ code: 3, codes: ['convert/unified-mismatch'] })
  })

  test('safetensors', async () => {
    safetensors(
      'bad.safetensors',
      {
        odd: entry('F32', [3], 0, 8),
        strange: entry('F12', [1], 8, 12),
        whole: entry('F32', [2], 0, 8),
        twice: entry('F32', [1], 4, 8),
        far: entry('F32', [100], 8, 408),
      },
      16,
    )
    const { code, codes, facts } = await validate('bad.safetensors')
    expect([code, facts.size]).toEqual([3, statSync(folder.file('bad.safetensors')).size])
    expect(codes.sort()).toEqual(['safetensors/beyond-end', 'safetensors/dtype', 'safetensors/overlap', 'safetensors/size-mismatch'])
  })

  test('GGUF, also those before the one that ends the reading', async () => {
    await tell(folder.path, ['convert', EXAMPLE, '--vocab-only', '-o', 'v.gguf'])
    const bytes = readFileSync(folder.file('v.gguf'))
    // One key becomes another that is there; then the file is cut in its vocabulary.
    bytes.write('general.type', bytes.indexOf('general.name'))
    writeFileSync(folder.file('v.gguf'), bytes.subarray(0, bytes.length - 2000))
    const { code, codes } = await validate('v.gguf')
    expect(code).toBe(3)
    expect(codes).toEqual(['gguf/duplicate-key', 'gguf/truncated'])
  })

  test('a cut download: each tensor that is not there', async () => {
    cpSync(EXAMPLE, folder.file('cut'), { recursive: true })
    truncateSync(folder.file('cut/model.safetensors'), 2_000_000)
    const { code, codes } = await validate('cut')
    expect(code).toBe(3)
    expect(new Set(codes)).toEqual(new Set(['safetensors/beyond-end']))
    expect(codes.length).toBeGreaterThan(3)
  })

  test('shards: what the index says wrongly and what each shard has wrong', async () => {
    mkdirSync(folder.file('shards'))
    safetensors('shards/a.safetensors', { x: entry('F32', [1], 0, 4) }, 8)
    safetensors('shards/b.safetensors', { y: entry('F32', [1], 4, 8) }, 8)
    const weights = { x: 'a.safetensors', y: 'b.safetensors', z: 'c.safetensors' }
    writeFileSync(folder.file('shards/model.safetensors.index.json'), JSON.stringify({ weight_map: weights }))
    const { code, codes } = await validate('shards')
    expect([code, codes]).toEqual([3, ['shards/missing', 'safetensors/trailing-bytes', 'safetensors/gap']])
  })

  test('a folder whose config.json is of another model', async () => {
    cpSync(EXAMPLE, folder.file('model'), { recursive: true })
    const config = JSON.parse(readFileSync(folder.file('model/config.json'), 'utf8'))
    writeFileSync(folder.file('model/config.json'), JSON.stringify({ ...config, num_hidden_layers: 3 }))
    const { code, problems } = await validate('model')
    expect([code, problems]).toEqual([3, [{ code: 'arch/tensor-missing', message: expect.stringContaining('model.layers.2.') }]])
  })

  test('as text: one line a reason, nothing a terminal would obey', async () => {
    safetensors('bad.safetensors', { '\u001b[2Jx': entry('F32', [3], 0, 8), y: entry('F32', [3], 8, 16) }, 16)
    const { code, out } = await tell(folder.path, ['validate', 'bad.safetensors'])
    expect(code).toBe(3)
    expect(out.trimEnd().split('\n')).toHaveLength(2)
    expect(out).toContain('"\\u001b[2Jx"')
    expect(out).not.toContain('\u001b')
  })
})

test('what is not there or no model at all', async () => {
  expect(await tell(folder.path, ['validate', 'none.gguf'])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('none.gguf') })
  writeFileSync(folder.file('empty.gguf'), '')
  expect(await validate('empty.gguf')).toMatchObject({ code: 3, codes: ['checkpoint/unknown-container'] })
  mkdirSync(folder.file('nothing'))
  expect(await validate('nothing')).toMatchObject({ code: 3, codes: ['checkpoint/empty'] })
})
