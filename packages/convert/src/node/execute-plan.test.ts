import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memorySource } from '@fs/formats/bytes'
import { plainRowCodec } from '@fs/quant'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { executeInline } from '../execute/execute-inline.ts'
import type { ConversionPlan, TensorJob } from '../plan/conversion-plan.ts'
import { executePlan } from './execute-plan.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'convert-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const ROWS = 4096
const WIDTH = 512

/** A source of random numbers and a plan that quantizes it twice from one read, with rope rows interleaved. */
function samplePlan(name = 'out'): ConversionPlan {
  const values = new Float32Array(ROWS * WIDTH)
  let state = 1
  for (let index = 0; index < values.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    values[index] = state / 2 ** 31
  }
  const path = join(folder, 'source.bin')
  writeFileSync(path, new Uint8Array(values.buffer))
  const job: TensorJob = {
    tensor: 'blk.0.attn_q.weight',
    inputs: [{ tensor: 'q_proj', source: 0, offset: 0, byteLength: values.byteLength, type: 'F32', shape: [ROWS, WIDTH] }],
    chain: [{ kind: 'interleave-rope', heads: 32 }],
    part: 0,
    shape: [ROWS, WIDTH],
    targets: [
      { output: 0, type: 'Q8_0', offset: 64, byteLength: ROWS * (WIDTH / 32) * 34 },
      { output: 1, type: 'Q4_0', offset: 32, byteLength: ROWS * (WIDTH / 32) * 18 },
    ],
  }
  return {
    sources: [{ name: 'source.bin', location: { kind: 'file', path }, size: values.byteLength }],
    outputs: job.targets.map((target, index) => ({
      path: join(folder, `${name}-${index}.gguf`),
      size: target.offset + target.byteLength,
      literals: [{ offset: 0, bytes: Uint8Array.of(1, 2, 3) }],
    })),
    jobs: [job],
    importance: [],
  }
}

async function expectedBytes(plan: ConversionPlan): Promise<Uint8Array[]> {
  const files = plan.outputs.map((output) => new Uint8Array(output.size))
  const source = memorySource(readFileSync(join(folder, 'source.bin')), 'source.bin')
  await executeInline(plan, [source], plainRowCodec(), async (output, offset, bytes) => files[output]!.set(bytes, offset))
  return files
}

describe('executePlan', () => {
  test.each([1, 2, 8])('with %i threads the bytes are those of the plain codec on one', async (threads) => {
    const plan = samplePlan()
    await executePlan(plan, { threads })
    for (const [index, bytes] of (await expectedBytes(plan)).entries())
      expect(readFileSync(plan.outputs[index]!.path).equals(bytes)).toBe(true)
    expect(readdirSync(folder).filter((file) => file.includes('partial'))).toEqual([])
  })

  test('an existing output is refused, and replaced when asked', async () => {
    const plan = samplePlan()
    await executePlan(plan)
    await expect(executePlan(plan)).rejects.toMatchObject({ code: 'convert/output-exists' })
    await expect(executePlan(plan, { existing: 'replace' })).resolves.toEqual({ resumedBands: 0 })
  })

  test('an abort leaves no final file; the next run takes over what was done', async () => {
    const plan = samplePlan()
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    await expect(executePlan(plan, { threads: 1, signal: controller.signal, onProgress })).rejects.toMatchObject({
      code: 'convert/interrupted',
    })
    expect(plan.outputs.some((output) => existsSync(output.path))).toBe(false)
    await executePlan(plan)
    const [first] = await expectedBytes(plan)
    expect(readFileSync(plan.outputs[0]!.path).equals(first!)).toBe(true)
  })

  test('an abort before the first band is a stop like any other', async () => {
    await expect(executePlan(samplePlan(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'convert/interrupted' })
  })

  test('a source that changed its size since planning stops everything and leaves nothing', async () => {
    const plan = samplePlan()
    truncateSync(join(folder, 'source.bin'), 100)
    await expect(executePlan(plan)).rejects.toMatchObject({ code: 'convert/source-changed' })
    expect(readdirSync(folder)).toEqual(['source.bin'])
  })

  test('a second writer of the same output is turned away while the first lives', async () => {
    const plan = samplePlan()
    writeFileSync(`${plan.outputs[0]!.path}.partial.lock`, String(process.ppid))
    await expect(executePlan(plan)).rejects.toMatchObject({ code: 'convert/output-busy' })
    writeFileSync(`${plan.outputs[0]!.path}.partial.lock`, '999999999')
    await expect(executePlan(plan)).resolves.toEqual({ resumedBands: 0 })
  })

  test('a thread that fails in a way nobody foresaw fails the whole, and leaves nothing', async () => {
    const plan = samplePlan()
    const damaged = { ...plan, jobs: plan.jobs.map((job) => ({ ...job, part: 7 })) }
    await expect(executePlan(damaged)).rejects.toMatchObject({ code: 'convert/worker-failed' })
    expect(readdirSync(folder)).toEqual(['source.bin'])
  })

  test('more than the disk holds is refused before anything is written', async () => {
    const plan = samplePlan()
    const huge = { ...plan, outputs: plan.outputs.map((output) => ({ ...output, size: 2 ** 52 })) }
    await expect(executePlan(huge)).rejects.toMatchObject({ code: 'convert/disk-full' })
    expect(readdirSync(folder)).toEqual(['source.bin'])
  })

  test.each(['a folder', 'a socket'])('%s under the output name is refused, and stays', async (what) => {
    const plan = samplePlan()
    const path = what === 'a folder' ? folder : join(folder, 'socket')
    const server = createServer()
    if (what === 'a socket') await new Promise<void>((resolve) => server.listen(path, resolve))
    const there = { ...plan, outputs: plan.outputs.map((output) => ({ ...output, path })) }
    await expect(executePlan(there, { existing: 'replace' })).rejects.toMatchObject({ code: 'convert/output-unwritable' })
    expect(statSync(path).isFile()).toBe(false)
    server.close()
  })
})
