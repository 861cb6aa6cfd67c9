// The README.md of a published GGUF repository: front matter the Hub reads, and how to run the files. Text only, nothing is sent.
import { isRepositoryName, type ModelId } from '../model-id.ts'

export type ModelCard = {
  /** Where it will be published. */
  readonly repository: ModelId['repository']
  /** What it was converted from, when it is on the Hub. */
  readonly baseModel?: string
  /** Answers with text, or with one vector. */
  readonly use: 'text-generation' | 'embedding'
  /** Identifier of the licence, as the base model states it. */
  readonly license?: string
  readonly files: readonly {
    readonly name: string
    readonly bytes: number
    readonly quant: string
    /** What a check against the original found, in a few words. */
    readonly verified?: string
  }[]
}

/** The whole file, in Markdown with YAML front matter. Values are quoted, so none can become another key. */
export function modelCard({ repository, baseModel, use, license, files }: ModelCard): string {
  const name = repository.split('/')[1] ?? repository
  const front = [
    ...(baseModel === undefined ? [] : ['base_model:', `- ${JSON.stringify(baseModel)}`, 'base_model_relation: quantized']),
    ...(license === undefined ? [] : [`license: ${JSON.stringify(license)}`]),
    `pipeline_tag: ${use === 'embedding' ? 'feature-extraction' : 'text-generation'}`,
    'tags:',
    '- gguf',
  ]
  const [first] = files
  const model = first === undefined ? repository : `${repository}:${first.quant}`
  const command = use === 'embedding' ? `llama-server -hf ${model} --embeddings` : `llama-server -hf ${model}`
  const origin =
    baseModel === undefined
      ? ''
      : ` of ${isRepositoryName(baseModel) ? `[${baseModel}](https://huggingface.co/${baseModel})` : cell(baseModel)}`
  const checked = files.some(({ verified }) => verified !== undefined)
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  const rows = files.map(({ name: file, bytes, quant, verified }) =>
    line([file, quant, `${(bytes / 1e9).toFixed(2)} GB`, ...(checked ? [verified ?? ''] : [])]),
  )
  const heading = ['file', 'quantization', 'size', ...(checked ? ['verified'] : [])]
  return [
    '---',
    ...front,
    '---',
    '',
    `# ${name}`,
    '',
    `GGUF files${origin}, for llama.cpp and everything built on it.`,
    '',
    ...(rows.length === 0 ? [] : [line(heading), `|${heading.map(() => '---|').join('')}`, ...rows, '']),
    '```sh',
    command,
    '```',
    '',
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}
