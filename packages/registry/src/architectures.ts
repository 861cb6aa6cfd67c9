// The only list of architectures. A new one is a line here; everything that converts, runs, checks or lists models reads this list.
import type { Architecture } from '@fs/arch'
import { llama, mistral } from '@fs/arch-llama'

export const ARCHITECTURES: readonly Architecture[] = [llama, mistral]
