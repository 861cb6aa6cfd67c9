// Reads `fixtures/`: rows of numbers and what ggml makes of them. For tests of this package only.
import { readFileSync } from 'node:fs'

const folder = new URL('../fixtures/', import.meta.url)

export const ROW_LENGTH = 512

export function fixtureBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)))
}

export function fixtureFloats(name: string): Float32Array {
  return new Float32Array(fixtureBytes(name).slice().buffer)
}

/** 14 rows of 512 numbers: small and large, one-sided, constant, zero, tiny (4e-7), half empty. */
export const rows: Float32Array = fixtureFloats('rows.f32')
export const importance: Float32Array = fixtureFloats('importance.f32')
