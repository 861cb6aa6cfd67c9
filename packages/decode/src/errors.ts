// Every way decoding can fail, by code. The sentence of a single failure is next to the check that finds it.
import { errorFactory } from '@fs/core'

export const fail = errorFactory({
  'decode/bad-config': 'A decoding setting is outside its range.',
  'decode/empty-prompt': 'There is no token to begin with.',
  'decode/prompt-too-long': 'The prompt has more tokens than the model can hold.',
  'decode/context-overflow': 'Prompt and requested completion together are longer than the model can hold.',
  'decode/vocabulary-mismatch': 'The tokenizer is not the one of this model.',
  'decode/logits-not-finite': 'The model gave a logit that is no number.',
  'decode/nothing-allowed': 'Settings or constraint leave no token to choose from.',
  'decode/bad-grammar': 'A grammar, pattern or list of choices can not be read.',
  'decode/bad-schema': 'A JSON schema can not be satisfied or read.',
  'decode/unsupported-schema': 'A JSON schema uses a keyword that can not be turned into a constraint.',
  'decode/grammar-too-complex': 'A grammar grows beyond what can be followed token by token.',
  'decode/closed': 'The decoder was closed.',
})
