// config.json of the unified folder, version 1: the schema it is read with, and that is published in docs/schema.
// What the values are is decided in `unified.ts`; what `decoder` and `encoder` may say, in `spec-schema.ts`.
import { UNIFIED_FORMAT } from '@fs/formats/checkpoint'
import * as z from 'zod'
import { decoderSchema, encoderSchema } from './spec-schema.ts'

export const FORMAT_VERSION = 1

const tokenIds = z
  .partialRecord(z.enum(['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask', 'eot', 'eom']), z.int().nonnegative())
  .meta({ description: 'Ids of tokens with a role. `eot` ends a turn, `eom` a message that awaits a tool.' })

const template = z.strictObject({
  name: z.string().meta({ description: '`default`, or the name its author gave it.' }),
  template: z.string().meta({ description: 'Jinja, as transformers renders it.' }),
})

export const unifiedConfigSchema = z
  .strictObject({
    format: z.literal(UNIFIED_FORMAT).meta({ description: 'Names the format, so that no other folder is taken for one.' }),
    format_version: z.literal(FORMAT_VERSION),
    model_name: z.string(),
    architecture: z.string().meta({ description: 'Id of the architecture, as `fartsovka models` lists it.' }),
    parameters: z
      .record(z.string(), z.unknown())
      .meta({ description: "The architecture's own settings. They imply the decoder or encoder, which a reader checks." }),
    decoder: decoderSchema.optional(),
    encoder: encoderSchema.optional(),
    context_length: z.int().positive().meta({ description: 'Tokens a prompt and its answer may have together.' }),
    weights: z.strictObject({
      file: z.string().meta({ description: 'model.safetensors, or the index of its parts. Tensors have canonical names.' }),
      precision: z.enum(['float32', 'float16', 'bfloat16']).meta({ description: 'Type of most of the weights.' }),
    }),
    tokenizer: z.strictObject({
      file: z.string().meta({ description: "tokenizer.json, in Hugging Face's form." }),
      vocabulary_size: z.int().positive().meta({ description: 'One more than the largest id; the embedding may have more rows.' }),
      special_tokens: tokenIds,
      add_bos: z.boolean().meta({ description: 'Whether a text begins with `bos` without being asked for it.' }),
      add_eos: z.boolean(),
    }),
    message_format: z
      .strictObject({
        type: z.enum(['PLAIN', 'LLAMA', 'GEMMA', 'QWEN', 'CUSTOM']).meta({
          description:
            'The preset that writes chats exactly as the template does; CUSTOM where none does, PLAIN where there is no template.',
        }),
        templates: z.array(template),
      })
      .meta({ description: 'How a chat becomes a prompt.' }),
    generation: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: 'Settings for sampling, under the names of generation_config.json.' }),
  })
  .refine(({ decoder, encoder }) => (decoder === undefined) !== (encoder === undefined), 'it needs either a decoder or an encoder')
  .meta({
    title: "config.json of Fartsovka's unified folder",
    oneOf: [{ required: ['decoder'] }, { required: ['encoder'] }],
  })

export type UnifiedConfig = z.infer<typeof unifiedConfigSchema>

/** The published form. */
export function unifiedJsonSchema(): object {
  return z.toJSONSchema(unifiedConfigSchema, { target: 'draft-2020-12' })
}
