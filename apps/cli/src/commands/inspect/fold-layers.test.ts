import type { TensorInfo } from '@fs/core'
import { expect, test } from 'vitest'
import { foldLayers } from './fold-layers.ts'

const tensor = (name: string, shape: readonly number[] = [4]): TensorInfo => ({
  name,
  type: 'F32',
  shape,
  file: 0,
  offset: 0,
  byteLength: 16,
})
const folded = (...tensors: readonly TensorInfo[]) => foldLayers(tensors).map(({ name, tensors: same }) => [name, same.length])

test('layers that hold the same are one row, at the place of the first', () => {
  expect(folded(tensor('norm'), ...[0, 1, 2, 10].flatMap((layer) => [tensor(`blk.${layer}.q`), tensor(`blk.${layer}.k`)]))).toEqual([
    ['norm', 1],
    ['blk.{0..2,10}.q', 4],
    ['blk.{0..2,10}.k', 4],
  ])
})

test('a layer of another shape stays visible', () => {
  expect(folded(tensor('blk.0.q'), tensor('blk.1.q', [8]), tensor('blk.2.q'))).toEqual([
    ['blk.{0,2}.q', 2],
    ['blk.1.q', 1],
  ])
})

test('experts fold over layers, each expert a row', () => {
  expect(folded(tensor('layers.0.experts.0.w'), tensor('layers.0.experts.1.w'), tensor('layers.1.experts.0.w'))).toEqual([
    ['layers.{0..1}.experts.0.w', 2],
    ['layers.0.experts.1.w', 1],
  ])
})

test('a single layer keeps its number', () => {
  expect(folded(tensor('blk.0.q'))).toEqual([['blk.0.q', 1]])
})
