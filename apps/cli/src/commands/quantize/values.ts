// Reads the two options of `quantize` that have a form of their own, as llama-quantize writes them.
import type { MetadataValue } from '@fs/core'
import { InvalidArgumentError } from 'commander'
import { cliError } from '../../errors.ts'

/** "3,5,7" */
export function layerList(text: string): readonly number[] {
  const layers = text.split(',').map(Number)
  if (layers.some((layer) => !Number.isSafeInteger(layer) || layer < 0))
    throw new InvalidArgumentError('It takes layer numbers separated by commas, e.g. 3,5.')
  return layers
}

/** "tokenizer.ggml.eos_token_id=int:2"; whole numbers become UINT32, as llama-quantize stores them. */
export function overrideEntry(text: string): readonly [string, MetadataValue] {
  const [, key, type, value] = /^([^=]+)=(int|float|bool|str):(.*)$/s.exec(text) ?? []
  const entry = key === undefined ? undefined : metadataValue(type!, value!)
  if (entry === undefined) {
    throw cliError(
      'cli/usage',
      `--override-kv ${text}: write it as KEY=TYPE:VALUE with TYPE int, float, bool or str, e.g. tokenizer.ggml.eos_token_id=int:2`,
      { value: text },
    )
  }
  return [key!, entry]
}

function metadataValue(type: string, text: string): MetadataValue | undefined {
  switch (type) {
    case 'int': {
      const value = Number(text)
      return /^\d+$/.test(text) && value <= 0xffffffff ? { type: 'UINT32', value } : undefined
    }
    case 'float': {
      const value = Number(text)
      return text.trim() !== '' && Number.isFinite(value) ? { type: 'FLOAT32', value: Math.fround(value) } : undefined
    }
    case 'bool':
      return text === 'true' || text === 'false' ? { type: 'BOOL', value: text === 'true' } : undefined
    default:
      return { type: 'STRING', value: text }
  }
}
