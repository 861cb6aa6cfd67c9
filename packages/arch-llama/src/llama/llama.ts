// Llama 1 to 3.x and everything with its exact shape (CodeLlama, TinyLlama, SmolLM2, DeepSeek-R1-Distill-Llama): config, weights, decoder.
// Facts: transformers modeling_llama.py; llama.cpp conversion/llama.py.
import { defineArch } from '@fs/arch'
import { embeddingAndHead, gatedFeedForward, interleavedAttention, preNorms } from '@fs/arch/common-weights'
import { llamaDecoder } from './decoder.ts'
import { llamaFields } from './fields.ts'
import { ignoredTensors, llamaAliases } from './names.ts'
import { llamaRopeFactors } from './rope-factors.ts'

export const llama = defineArch({
  id: 'llama',
  title: 'Llama',
  ggufArchitecture: 'llama',
  huggingFaceArchitectures: ['LlamaForCausalLM', 'LLaMAForCausalLM', 'LlamaModel'],
  modelTypes: ['llama'],
  checkpoints: [
    'meta-llama/Llama-3.2-1B-Instruct',
    'meta-llama/Llama-3.2-1B-Instruct-QLORA_INT4_EO8',
    'meta-llama/Llama-3.2-3B-Instruct',
    'meta-llama/Llama-3.1-8B-Instruct',
    'meta-llama/Llama-2-7b-chat-hf',
    'codellama/CodeLlama-7b-hf',
    'TinyLlama/TinyLlama-1.1B-Chat-v1.0',
    'HuggingFaceTB/SmolLM2-1.7B-Instruct',
    'deepseek-ai/DeepSeek-R1-Distill-Llama-8B',
  ],
  matchesGguf: (view) => (view.number('expert_count') ?? 0) === 0,
  aliases: llamaAliases,
  ignored: ignoredTensors,
  fields: llamaFields(),
  describe: (config) => llamaDecoder(config, null),
  weights: (config) => [
    ...embeddingAndHead(),
    ...interleavedAttention(config.heads, config.keyValueHeads),
    ...preNorms(),
    ...gatedFeedForward(),
  ],
  derivedTensors: llamaRopeFactors,
  vocabulary: ({ vocabularySize }) => ({
    preferredPre: 'llama-bpe',
    spacePrefixFromTokenizerConfig: true,
    // CodeLlama's infill tokens and SmolLM's missing BOS are known by the vocabulary's size alone (conversion/llama.py, set_vocab).
    ...(vocabularySize === 32016
      ? { tokenIds: { prefix_token_id: 32007, suffix_token_id: 32008, middle_token_id: 32009, eot_token_id: 32010 } }
      : {}),
    ...(vocabularySize === 49152 ? { addBos: false } : {}),
  }),
})
