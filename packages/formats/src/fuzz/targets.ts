// The only list of fuzz targets. A new reader gets a module in `targets/` and a line here; the test and the command run over the list.
import type { ByteSource } from '@fs/core'
import type { Random } from './random.ts'
import { ggml } from './targets/ggml.ts'
import { gguf, lenientGguf } from './targets/gguf.ts'
import { json } from './targets/json.ts'
import { llama2c } from './targets/llama2c.ts'
import { pytorchLegacy, pytorchZip } from './targets/pytorch.ts'
import { safetensors } from './targets/safetensors.ts'

export type FuzzTarget = {
  readonly id: string
  /** Makes a file whose structure is right but whose fields may lie. */
  readonly build: (random: Random) => Uint8Array
  readonly read: (source: ByteSource) => Promise<unknown>
}

export const FUZZ_TARGETS: readonly FuzzTarget[] = [gguf, lenientGguf, safetensors, json, pytorchZip, pytorchLegacy, ggml, llama2c]
