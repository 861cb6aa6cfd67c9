// Makes a GGUF vocabulary on a thread of its own. A tokenizer of 128,000 tokens takes and leaves behind some 100 MB (measured
// with Llama 3's); a thread gives most of it back when it ends, before the weights are worked on.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { type ErrorDetails, type Folder, FsError, type JsonObject } from '@fs/core'
import { fileFolder } from '@fs/formats/folder'
import type { GgufVocabularyResult, VocabularyOptions } from '@fs/tokenizer/vocabulary'
import { convertError } from '../errors.ts'
import type { BuildVocabulary } from '../vocabulary.ts'

type Input = {
  readonly mark: typeof MARK
  readonly name: string
  readonly files: readonly (readonly [string, Uint8Array])[]
  readonly config: JsonObject | undefined
  readonly options: VocabularyOptions
}

type Reply =
  | { readonly kind: 'built'; readonly result: GgufVocabularyResult }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly details: ErrorDetails }

const MARK = 'fartsovka-vocabulary'

/** Does what `vocabularyOfFolder` does, elsewhere. @throws FsError what it throws, and `convert/worker-failed` */
export const vocabularyThread: BuildVocabulary = async (folder, config, options) => {
  const files = await readTokenizerBytes(folder)
  return new Promise((resolve, reject) => {
    const input: Input = { mark: MARK, name: folder.name, files, config, options }
    const transferList = files.map(([, bytes]) => bytes.buffer as ArrayBuffer)
    const worker = new Worker(new URL(import.meta.url), {
      workerData: input,
      transferList,
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
}

/** Bytes in buffers of their own, so that handing them over leaves no copy here. Files too large for a tokenizer are refused by its reader. */
async function readTokenizerBytes(folder: Folder): Promise<Input['files']> {
  const { TOKENIZER_FILE_NAMES } = await import('@fs/tokenizer')
  const names = TOKENIZER_FILE_NAMES.filter((name) => folder.files.has(name))
  return Promise.all(
    names.map(async (name) => {
      const source = await folder.open(name)
      try {
        const bytes = await source.read(0, source.size)
        return [name, bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()] as const
      } finally {
        await source.close()
      }
    }),
  )
}

async function answer({ name, files, config, options }: Input): Promise<Reply> {
  try {
    // Here and not above: whoever only executes plans needs no tokenizers loaded.
    const { vocabularyOfFolder } = await import('../vocabulary.ts')
    return { kind: 'built', result: await vocabularyOfFolder(fileFolder(name, new Map(files)), config, options) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return FsError.is(error)
      ? { kind: 'failed', code: error.code, message, details: error.details }
      : { kind: 'failed', code: 'convert/worker-failed', message: `reading the tokenizer failed: ${message}`, details: {} }
  }
}

if (!isMainThread && (workerData as Partial<Input> | null)?.mark === MARK) parentPort?.postMessage(await answer(workerData as Input))
