// What every model checks of numbers that come in and go out: token ids, and results that must be finite.
import { runtimeError } from './errors.ts'

/** @throws FsError `runtime/empty-input`, `runtime/token-out-of-range` */
export function checkTokens(tokens: readonly number[], vocabularySize: number): void {
  if (tokens.length === 0) throw runtimeError('runtime/empty-input', 'there are no tokens to compute; give at least one', {})
  for (const [index, token] of tokens.entries()) {
    if (Number.isInteger(token) && token >= 0 && token < vocabularySize) continue
    throw runtimeError(
      'runtime/token-out-of-range',
      `token ${token} at position ${index} is not one of the model's ${vocabularySize}; is this the model's own tokenizer?`,
      { token, index, vocabularySize },
    )
  }
}

/** @throws FsError `runtime/not-finite` naming the first such number */
export function checkFinite(values: Float32Array): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!
    if (value - value !== 0) {
      throw runtimeError('runtime/not-finite', `the model gave ${value} at place ${index}; its weights are damaged or overflow float32`, {
        index,
        value,
      })
    }
  }
}
