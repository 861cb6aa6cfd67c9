import { expect, test } from 'vitest'
import { modelCard } from './model-card.ts'

test('a card says where the files are from and how to run them', () => {
  expect(
    modelCard({
      repository: 'ann/tiny-GGUF',
      baseModel: 'org/tiny',
      use: 'text-generation',
      license: 'apache-2.0',
      files: [{ name: 'tiny-Q8_0.gguf', bytes: 1_234_567_890, quant: 'Q8_0' }],
    }),
  ).toMatchInlineSnapshot(`
    "---
    base_model:
    - "org/tiny"
    base_model_relation: quantized
    license: "apache-2.0"
    pipeline_tag: text-generation
    tags:
    - gguf
    ---

    # tiny-GGUF

    GGUF files of [org/tiny](https://huggingface.co/org/tiny), for llama.cpp and everything built on it.

    | file | quantization | size |
    |---|---|---|
    | tiny-Q8_0.gguf | Q8_0 | 1.23 GB |

    \`\`\`sh
    llama-server -hf ann/tiny-GGUF:Q8_0
    \`\`\`
    "
  `)
})

test('a card of an embedding model without a known origin', () => {
  const card = modelCard({ repository: 'ann/embed-GGUF', use: 'embedding', files: [] })
  expect(card).toContain('pipeline_tag: feature-extraction')
  expect(card).toContain('llama-server -hf ann/embed-GGUF --embeddings')
  expect(card).not.toMatch(/base_model|license|\| file/)
})

test('values stay values', () => {
  const card = modelCard({
    repository: 'ann/x',
    baseModel: 'a\n---\nevil: true',
    use: 'embedding',
    license: 'x\ny: z',
    files: [{ name: 'a|b\n', bytes: 0, quant: 'q' }],
  })
  expect(card).not.toMatch(/^(evil|y):/m)
  expect(card).toContain('| a\\|b  | q | 0.00 GB |')
})

test('what was verified has a column, where anything was', () => {
  const files = [
    { name: 'a.gguf', bytes: 1e9, quant: 'Q8_0', verified: 'holds, NMSE 1.2e-5' },
    { name: 'b.gguf', bytes: 1e9, quant: 'Q4_0' },
  ]
  expect(modelCard({ repository: 'ann/m-GGUF', use: 'text-generation', files })).toContain(
    [
      '| file | quantization | size | verified |',
      '|---|---|---|---|',
      '| a.gguf | Q8_0 | 1.00 GB | holds, NMSE 1.2e-5 |',
      '| b.gguf | Q4_0 | 1.00 GB |  |',
    ].join('\n'),
  )
})
