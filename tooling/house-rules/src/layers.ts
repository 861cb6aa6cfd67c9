// Who may import whom: the picture of the packages as a table. Water runs downhill, and siblings never import one another.
// It is the rule alone; `import-direction.test.ts` holds every package.json and every import against it.

const foundation = ['core'] as const
const siblings = [...foundation] as const
const model = [...foundation, 'tokenizer', 'chat-format'] as const
const family = [...model, 'arch'] as const
const families = ['arch-llama', 'arch-gemma', 'arch-qwen', 'arch-phi', 'arch-gpt', 'arch-bert'] as const
const targets = [...family, 'formats', 'quant'] as const
const pipelines = [...targets, ...families, 'decode', 'hub', 'registry', 'onnx', 'litertlm'] as const
const products = [...pipelines, 'convert', 'eval', 'runtime'] as const
const everything = [...products, 'cli', 'server'] as const

/** For each package (by folder name) the workspace packages it may import. A package that is missing here may not exist. */
export const ALLOWED_IMPORTS: { readonly [id: string]: readonly string[] } = {
  core: [],
  formats: siblings,
  quant: siblings,
  tokenizer: siblings,
  'chat-format': siblings,
  decode: siblings,
  hub: siblings,
  // The Model type names a tokenizer and a chat format; tensors come through core's TensorSource, never through formats.
  arch: model,
  ...Object.fromEntries(families.map((id) => [id, family])),
  registry: [...family, ...families],
  onnx: targets,
  litertlm: targets,
  convert: pipelines,
  eval: pipelines,
  runtime: pipelines,
  cli: products,
  server: products,
  docs: products,
  // Tooling stands above everything that ships, and nothing that ships imports it.
  'arch-conformance': everything,
  bench: everything,
  'browser-tests': everything,
  checks: [],
  'house-rules': [],
  'hub-server': [],
  'new-arch': everything,
  'property-tests': [],
  'transformers-js': everything,
  'package-check': [],
  tsconfig: [],
}

/** What tests may import besides: stand-ins for the world outside. They import nothing of ours, so no circle can close. */
export const TEST_SUPPORT: readonly string[] = ['hub-server']
