// What `--to` may name, and which options each target understands: an option that would be ignored is a slip, and is said.
import { cliError } from '../../../errors.ts'

const NAMES = {
  gguf: ['gguf'],
  unified: ['unified'],
  huggingface: ['huggingface', 'hf'],
  onnx: ['onnx'],
  ggml: ['ggml'],
  litertlm: ['litertlm'],
} as const satisfies { readonly [target: string]: readonly string[] }

export type Target = keyof typeof NAMES

/** @throws FsError `cli/usage` with the names there are */
export function parseTarget(text: string): Target {
  const found = (Object.keys(NAMES) as Target[]).find((target) => (NAMES[target] as readonly string[]).includes(text.toLowerCase()))
  if (found !== undefined) return found
  const known = (Object.keys(NAMES) as Target[]).map((target) => NAMES[target].join(' or ')).join(', ')
  throw cliError('cli/usage', `--to ${text} is unknown; choose ${known}`, { to: text })
}

/** Options by their name in code: the flag, and the targets that understand it. */
const OPTIONS = {
  quant: { flag: '--quant', targets: ['gguf', 'onnx', 'ggml', 'litertlm'] },
  recipe: { flag: '--recipe', targets: ['gguf', 'onnx'] },
  fit: { flag: '--fit', targets: ['gguf'] },
  bits: { flag: '--bits', targets: ['gguf'] },
  report: { flag: '--report', targets: ['gguf'] },
  imatrix: { flag: '--imatrix', targets: ['gguf', 'onnx'] },
  pure: { flag: '--pure', targets: ['gguf', 'onnx'] },
  tensorType: { flag: '--tensor-type', targets: ['gguf', 'onnx'] },
  tensorTypeFile: { flag: '--tensor-type-file', targets: ['gguf', 'onnx'] },
  outputTensorType: { flag: '--output-tensor-type', targets: ['gguf', 'onnx'] },
  tokenEmbeddingType: { flag: '--token-embedding-type', targets: ['gguf', 'onnx'] },
  leaveOutputTensor: { flag: '--leave-output-tensor', targets: ['gguf', 'onnx'] },
  allowRequantize: { flag: '--allow-requantize', targets: ['gguf', 'onnx'] },
  pre: { flag: '--pre', targets: ['gguf'] },
  metadata: { flag: '--metadata', targets: ['gguf', 'litertlm'] },
  vocabOnly: { flag: '--vocab-only', targets: ['gguf'] },
  splitMaxSize: { flag: '--split-max-size', targets: ['gguf', 'unified', 'huggingface', 'onnx'] },
  precision: { flag: '--precision', targets: ['unified', 'huggingface', 'onnx'] },
  prefillLengths: { flag: '--prefill-lengths', targets: ['litertlm'] },
  kvCacheMaxLen: { flag: '--kv-cache-max-len', targets: ['litertlm'] },
  inlineWeights: { flag: '--inline-weights', targets: ['litertlm'] },
  contextLength: { flag: '--context-length', targets: ['unified', 'onnx'] },
} as const satisfies { readonly [option: string]: { readonly flag: string; readonly targets: readonly Target[] } }

/** @throws FsError `cli/usage` for an option that has no meaning for this target */
export function checkTargetOptions(target: Target, options: { readonly [option: string]: unknown }): void {
  for (const [name, { flag, targets }] of Object.entries(OPTIONS)) {
    if (options[name] === undefined || (targets as readonly Target[]).includes(target)) continue
    const instead = name === 'quant' ? '; the type of its weights is --precision f32, f16 or bf16' : ''
    throw cliError('cli/usage', `${flag} means nothing for --to ${target}${instead}; it is for ${targets.join(', ')}`, {
      option: flag,
      to: target,
    })
  }
}
