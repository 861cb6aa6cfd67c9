// Every code this package can throw, with what it means to someone who reads a log.
// The sentences with file, token and advice are written where the error is thrown.
import { errorFactory } from '@fs/core'

export const fail = errorFactory({
  'tokenizer/no-files': 'The folder holds no tokenizer this toolkit can read.',
  'tokenizer/too-large': 'A tokenizer file, or a part of it, is larger than any real one.',
  'tokenizer/malformed': 'A tokenizer file does not have the structure of its format.',
  'tokenizer/unsupported': 'The tokenizer uses a stage or a feature that is not implemented, so its ids would be wrong.',
  'tokenizer/id-out-of-range': 'A token id is negative, not an integer, or beyond the vocabulary.',
  'tokenizer/duplicate-id': 'Two different tokens claim one id.',
  'tokenizer/duplicate-token': 'One token text occurs under two ids where the format needs it to be unique.',
  'tokenizer/bad-merge': 'A merge joins or makes a token that the vocabulary does not have.',
  'tokenizer/unsafe-regex': 'A regular expression of the tokenizer could take time that grows faster than the text.',
  'tokenizer/text-growth': 'Normalizing a text would make it many times longer.',
  'tokenizer/vocabulary-size': 'The vocabulary has more tokens than the model has embedding rows.',
  'tokenizer/pre-unknown': 'No pre-tokenizer has the name a file gives.',
  'tokenizer/no-such-pre': 'No pre-tokenizer has the name that was asked for.',
  'tokenizer/pre-undetermined': 'No known pre-tokenizer name splits text the way this tokenizer does.',
})
