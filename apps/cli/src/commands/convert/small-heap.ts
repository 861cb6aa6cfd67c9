// Keeps the JavaScript heap of a conversion near what it holds: a promise about memory is about garbage too.
// The numbers of a model are outside that heap; this is about tokenizers, metadata and what parsing them leaves behind.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * For this thread and those started later. V8 would let a heap grow to several times of what survived its last collection: with Llama 3's
 * tokenizer a conversion of 1.24 billion weights peaked at 268 MiB, and at 215 with half again. The time it takes stayed within the noise.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50')
}

/** At once, where two large things would otherwise pile up. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
