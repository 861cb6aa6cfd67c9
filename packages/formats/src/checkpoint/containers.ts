// The only list of containers. Order decides for a folder that has several: safetensors before pickles, as transformers does, and before
// both the folder whose config.json says what it is. ONNX comes last: repositories have it beside the weights it was made from.
import type { Container } from './container.ts'
import { ggml } from './ggml.ts'
import { gguf } from './gguf.ts'
import { llama2c } from './llama2c.ts'
import { onnx } from './onnx.ts'
import { pytorch } from './pytorch.ts'
import { safetensors } from './safetensors.ts'
import { unified } from './unified.ts'

export const CONTAINERS = [unified, safetensors, pytorch, gguf, ggml, llama2c, onnx] as const satisfies readonly Container[]

export type ContainerId = (typeof CONTAINERS)[number]['id']
