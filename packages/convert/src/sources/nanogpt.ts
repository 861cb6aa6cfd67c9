// Checkpoints of nanoGPT, minGPT and makemore: a pickle with GPT-2's names, of which the first keeps its arguments beside the weights.
// What the others leave out, a config.json may say.
import { DIALECTS } from '@fs/registry'
import { convertError } from '../errors.ts'
import type { SourceReader } from './model-source.ts'
import { withoutSharedHead } from './shared-head.ts'
import { settingsUnder, translate, viewOf } from './translate.ts'

export const readNanoGpt: SourceReader = async (checkpoint) => {
  const { name, config = {} } = checkpoint
  const joined = checkpoint.tensors.tensors.get('transformer.h.0.attn.c_attn.weight')?.shape
  // Transformers' GPT-2 has [width, 3 width] here.
  if (checkpoint.container !== 'pytorch' || joined?.length !== 2 || joined[0] !== 3 * joined[1]!) return undefined
  const settings = new Map([...settingsUnder(checkpoint.metadata, 'model_args.'), ...Object.entries(config)])
  if (!settings.has('n_head')) {
    throw convertError(
      'convert/no-configuration',
      `${name} is a GPT-2 as nanoGPT and makemore save it, but nothing in it says how many heads its attention has; put it into a folder with a config.json such as {"n_head": 4}`,
      { file: name },
    )
  }
  const tensors = withoutSharedHead(checkpoint.tensors.tensors, { head: 'lm_head.weight', embedding: 'transformer.wte.weight' })
  const source = translate(DIALECTS.nanogpt, viewOf(settings, tensors, name), checkpoint, tensors)
  return { ...source, checkpoint: { ...source.checkpoint, config: { ...source.checkpoint.config, ...config } } }
}
