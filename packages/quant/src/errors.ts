// The error codes of `@fs/quant`, and the one function that makes them.
// Not a place for messages: each sentence stands where it is thrown.
import { errorFactory } from '@fs/core'

export const quantError = errorFactory({
  'quant/not-finite': 'A weight is NaN or infinite, and the target type cannot hold it.',
  'quant/overflow': 'A finite weight, or the scale of its block, is too large for the target type.',
  'quant/row-length': 'A row is not a whole number of blocks of the type.',
  'quant/buffer-length': 'A buffer does not have the length its type and row count ask for.',
  'quant/not-encodable': 'ggml defines no encoder for the type.',
  'quant/importance-required': 'The type cannot be encoded without importance weights.',
  'quant/importance-length': 'Importance weights do not have one value per column.',
  'quant/importance-value': 'An importance weight is not a finite number.',
  'quant/byte-order': 'A block type has no agreed big-endian form.',
  'quant/not-repackable': 'A plain number type has no blocks to repack.',
  'quant/disposed': 'The codec was used after dispose().',
  'recipe/file-type': 'There is no file type of that name or number.',
  'recipe/tensor-type': 'There is no tensor type of that name, or a pattern for one cannot be read.',
  'recipe/requantize': 'A tensor that is quantized already would be quantized again.',
  'recipe/shape': 'The rows of a tensor fit neither the type nor a substitute.',
  'recipe/budget': 'A model does not fit the size asked for, in the smallest types there are.',
  'recipe/file': 'A recipe file is not one.',
  'recipe/layer': 'A rule needs the layer of a tensor, and its name has none in range.',
})
