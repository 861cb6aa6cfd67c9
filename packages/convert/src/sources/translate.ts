// Says a checkpoint that is written in a dialect in Hugging Face's words: its configuration and the names and layouts of its tensors.
// The dialects themselves are data of the architecture packages.
import { type Dialect, type DialectView, dialectView, type Translation, translator } from '@fs/arch/dialect'
import type { Checkpoint, MetadataValue } from '@fs/core'
import { convertError } from '../errors.ts'
import type { ModelTensor, SourceTensor } from '../source-tensor.ts'
import type { ModelSource } from './model-source.ts'

/** The plain values of metadata whose keys begin with `prefix`, by the rest of the key. */
export function settingsUnder(metadata: ReadonlyMap<string, MetadataValue> | undefined, prefix: string): ReadonlyMap<string, unknown> {
  const entries = [...(metadata ?? [])].filter(([key, value]) => key.startsWith(prefix) && value.type !== 'ARRAY')
  return new Map(entries.map(([key, { value }]) => [key.slice(prefix.length), value]))
}

/** @param where what holds the settings, for messages */
export function viewOf(settings: ReadonlyMap<string, unknown>, tensors: ReadonlyMap<string, SourceTensor>, where: string): DialectView {
  return dialectView(settings, new Map([...tensors].map(([name, { shape }]) => [name, shape])), where)
}

/**
 * @param tensors under the dialect's names, quantized ones made whole already
 * @throws FsError `arch/config-missing`, `arch/config-invalid`, `convert/ambiguous-tensor`
 */
export function translate(
  dialect: Dialect,
  view: DialectView,
  checkpoint: Checkpoint,
  tensors: ReadonlyMap<string, SourceTensor>,
): ModelSource {
  const { config, rows, notices } = dialect.read(view)
  const { metadata: _, ...rest } = checkpoint
  return { checkpoint: { ...rest, config }, form: 'huggingFace', tensors: renamed(tensors, translator(rows), checkpoint.name), notices }
}

function renamed(
  tensors: ReadonlyMap<string, SourceTensor>,
  translationOf: (stored: string) => Translation,
  file: string,
): ReadonlyMap<string, ModelTensor> {
  const result = new Map<string, ModelTensor>()
  for (const [stored, tensor] of tensors) {
    const { name, load } = translationOf(stored)
    const other = result.get(name)
    if (other !== undefined) {
      throw convertError(
        'convert/ambiguous-tensor',
        `${file}: tensors ${other.tensor.name} and ${stored} both stand for ${name}; keep the one that counts`,
        { file, tensor: stored },
      )
    }
    result.set(name, { tensor, chain: load })
  }
  return result
}
