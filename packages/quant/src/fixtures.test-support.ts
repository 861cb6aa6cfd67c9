// Reads `fixtures/`: rows of numbers and what ggml makes of them. For tests of this package only.
import { existsSync, readFileSync } from 'node:fs'

const folder = new URL('../fixtures/', import.meta.url)

export const ROW_LENGTH = 512

export function fixtureBytes(name: string): Uint8Array | undefined {
  const file = new URL(name, folder)
  return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined
}

export function fixtureFloats(name: string): Float32Array | undefined {
  const bytes = fixtureBytes(name)
  return bytes && new Float32Array(bytes.slice().buffer)
}

/** 14 rows of 512 numbers: small and large, one-sided, constant, zero, tiny (4e-7), half empty. */
export const rows: Float32Array = fixtureFloats('rows.f32')!
export const importance: Float32Array = fixtureFloats('importance.f32')!
