// The only list of architectures. A new one is a line here; everything that converts, runs, checks or lists models reads this list.
import type { Architecture } from '@fs/arch'
import { bert, nomicBert, roberta, xlmRoberta } from '@fs/arch-bert'
import { embeddingGemma, gemma, gemma2, gemma3 } from '@fs/arch-gemma'
import { bloom, gpt2, gptJ, gptNeox, mpt } from '@fs/arch-gpt'
import { llama, mistral, mixtral, olmo2 } from '@fs/arch-llama'
import { phi2, phi3 } from '@fs/arch-phi'
import { qwen2, qwen3, qwen3Moe } from '@fs/arch-qwen'

export const ARCHITECTURES: readonly Architecture[] = [
  llama,
  mistral,
  mixtral,
  gemma,
  gemma2,
  gemma3,
  embeddingGemma,
  qwen2,
  qwen3,
  qwen3Moe,
  phi2,
  phi3,
  gpt2,
  gptNeox,
  gptJ,
  mpt,
  bloom,
  bert,
  roberta,
  xlmRoberta,
  nomicBert,
  olmo2,
]
