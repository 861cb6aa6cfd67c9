// The only list of architectures. A new one is a line here; everything that converts, runs, checks or lists models reads this list.
import type { Architecture } from '@fs/arch'
import { gemma, gemma2, gemma3 } from '@fs/arch-gemma'
import { llama, mistral } from '@fs/arch-llama'
import { qwen2, qwen3 } from '@fs/arch-qwen'

export const ARCHITECTURES: readonly Architecture[] = [llama, mistral, gemma, gemma2, gemma3, qwen2, qwen3]
