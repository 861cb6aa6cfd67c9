import { expect, test } from 'vitest'
import { formatSpeeds, promptOf, timed } from './speeds.ts'

test('a rival’s speed has ours over it, batches and look-up their gain over one text', () => {
  const speeds = (decode: number) => ({ load: 2, prefill: 100, decode, batch: 3 * decode })
  const table = formatSpeeds([
    {
      title: 'Q4_0',
      contenders: [
        { name: 'fartsovka, fastest', kind: 'measured', rounds: [{ ...speeds(30), lookup: 60 }], peakBytes: 2e9 },
        { name: 'fartsovka, fast', kind: 'measured', rounds: [speeds(20), speeds(25), speeds(10)], peakBytes: 2e9 },
        { name: 'theirs', kind: 'measured', rounds: [{ prefill: 200, decode: 40 }], peakBytes: undefined },
        { name: 'elsewhere', kind: 'absent', reason: 'not installed' },
      ],
    },
  ])
  expect(table.split('\n').slice(2)).toEqual([
    '| Q4_0 | fartsovka, fastest | 2.0 s | 100.0 | 30.0 | 90.0, ×3.0 | 60.0, ×2.0 | 2.00 GB |',
    '|  | fartsovka, fast | 2.0 s | 100.0 | 20.0 | 60.0, ×3.0 |  | 2.00 GB |',
    '|  | theirs |  | 200.0 (0.50, 0.50) | 40.0 (0.75, 0.50) |  |  | not measured here |',
    '|  | elsewhere | not installed | | | | | |',
  ])
})

test('prompts are the same in every run, and times are the middle ones', async () => {
  expect(promptOf(256)).toEqual(promptOf(256))
  expect(new Set(promptOf(256)).size).toBe(256)
  const waits = [60, 1, 20]
  const seconds = await timed(3, (index) => new Promise((resolve) => setTimeout(resolve, waits[index])))
  expect(seconds).toBeGreaterThan(0.015)
  expect(seconds).toBeLessThan(0.055)
})
