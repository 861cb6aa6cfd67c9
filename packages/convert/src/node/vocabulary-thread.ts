// Builds a GGUF vocabulary on a thread of its own. Parsing a tokenizer of 128,000 tokens leaves 250 MB of garbage behind (measured with
// Llama 3's); a thread gives it all back when it ends, so that a conversion stays small however large the vocabulary is.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type ErrorDetails, FsError } from '@fs/core'
import { ggufVocabulary } from '@fs/tokenizer/vocabulary'
import { convertError } from '../errors.ts'
import type { BuildVocabulary } from '../vocabulary.ts'

type Reply =
  | { readonly kind: 'built'; readonly result: ReturnType<typeof ggufVocabulary> }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly details: ErrorDetails }

const MARK = 'fartsovka-vocabulary'

/** Does what `ggufVocabulary` does, elsewhere. @throws FsError what it throws, and `convert/worker-failed` */
export const vocabularyThread: BuildVocabulary = (files, options) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { mark: MARK, files, options },
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    worker.once('message', (reply: Reply) => {
      if (reply.kind === 'built') resolve(reply.result)
      else reject(new FsError(reply.code, reply.message, { details: reply.details }))
    })
    worker.once('error', reject)
    worker.once('exit', () =>
      reject(
        convertError(
          'convert/worker-failed',
          'the thread that reads the tokenizer ended before it was done; run the same command again',
          {},
        ),
      ),
    )
  })

if (!isMainThread && workerData?.mark === MARK) {
  try {
    const result = ggufVocabulary(workerData.files, workerData.options)
    parentPort?.postMessage({ kind: 'built', result } satisfies Reply)
  } catch (error) {
    const known = FsError.is(error)
    const message = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({
      kind: 'failed',
      code: known ? error.code : 'convert/worker-failed',
      message,
      details: known ? error.details : {},
    } satisfies Reply)
  }
}
