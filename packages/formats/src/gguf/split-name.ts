// The file names of split GGUF models, as llama-gguf-split, llama.cpp's loader and gguf-py write them: one-based, five digits.

const PATTERN = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/

/** Takes a split file's name apart; `number` counts from 1. Undefined for any other name. */
export function parseSplitName(fileName: string): { readonly prefix: string; readonly number: number; readonly count: number } | undefined {
  const match = PATTERN.exec(fileName)
  return match === null ? undefined : { prefix: match[1]!, number: Number(match[2]), count: Number(match[3]) }
}

/** `model-00001-of-00003.gguf` for prefix `model`, number 1, count 3. */
export function splitName(prefix: string, number: number, count: number): string {
  return `${prefix}-${String(number).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`
}
