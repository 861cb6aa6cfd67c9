// Readers of option values that several commands share. Each refuses what it cannot use, in a sentence.
import { InvalidArgumentError } from 'commander'

/** Something counted. */
export function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('It takes a whole number of at least 1.')
  return value
}

/** Several things counted, separated by commas. */
export function wholeNumbers(text: string): readonly number[] {
  return text.split(',').map((item) => wholeNumber(item.trim()))
}

/** A size as llama-gguf-split and the Hub count: "2G" is 2 000 000 000 bytes. */
export function byteSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:b)?$/i.exec(text.trim())
  if (match === null) throw new InvalidArgumentError('It takes a size like 500M or 2G.')
  const bytes = Math.floor(Number(match[1]) * 1000 ** ' kmgt'.indexOf((match[2] || ' ').toLowerCase()))
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw new InvalidArgumentError('It takes a size like 500M or 2G.')
  return bytes
}

/** Bits for each weight of a model. */
export function bitsPerWeight(text: string): number {
  const bits = Number(text)
  if (text.trim() === '' || !(bits > 0 && bits <= 32)) throw new InvalidArgumentError('It takes a number of bits, above 0 and up to 32.')
  return bits
}

/** Collects an option that may be given several times. */
export function collect(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text]
}
