import { type QuantizedTensor, tensorErrorMeter } from '@fs/quant/error-report'
import { expect, it } from 'vitest'
import { quantizationReport } from './index.ts'

function tensor(name: string, step: number, damage = (value: number) => value): QuantizedTensor {
  const original = Float32Array.from({ length: 512 }, (_, index) => Math.sin(index * index) / 10)
  const meter = tensorErrorMeter(32)
  meter.add(original, step === 0 ? original : original.map((value) => damage(Math.round(value / step) * step)))
  return { name, shape: [2, 256], from: 'BF16', type: step === 0 ? 'BF16' : 'Q4_K', bytes: step === 0 ? 1024 : 288, error: meter.result() }
}

const tensors = [tensor('token_embd.weight', 0), tensor('blk.0.attn_q.weight', 0.01), tensor('blk.1.attn_q.weight', 0.05)]
const report = (all: readonly QuantizedTensor[]) => quantizationReport({ model: 'a <b>', type: 'Q4_K_M', size: 2e6, tensors: all })

it('tells what a file lost on a page of its own: verdict, plots, a row for each tensor', async () => {
  const page = await report(tensors)
  expect(page).not.toMatch(/<script|<link|<img|@import|(src|href)="?http|NaN|undefined|<b>/)
  expect(page).toContain('8.33 bits a weight')
  expect(page).toContain('most lost</dt><dd>blk.1.attn_q.weight')
  expect(page.match(/<svg /g)).toHaveLength(3)
  expect(page).toContain('Weights of blk.*.attn_q.weight')
  expect(page.match(/<tr>/g)).toHaveLength(1 + tensors.length)
  expect(page).toContain('BF16 → Q4_K')
  expect(page).toMatch(/class="verdict[\s\S]*<svg /)
})

it('says so where weights are no numbers any more', async () => {
  const page = await report([tensor('blk.0.attn_q.weight', 0.01, (value) => (value > 0.09 ? Number.POSITIVE_INFINITY : value))])
  expect(page).toContain('class="verdict no"')
  expect(page).toMatch(/blk\.0\.attn_q\.weight: \d+ weights are NaN or infinite/)
})

it('has no plots of nothing', async () => {
  expect(await report([tensor('token_embd.weight', 0)])).toContain('most lost</dt><dd>nothing')
  expect(await report([])).toContain('0.00 bits a weight')
})
