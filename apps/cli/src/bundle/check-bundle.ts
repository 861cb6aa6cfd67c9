// Whether a LiteRT-LM bundle is what it should be: its structure, and whether the tokenizer in it is one and fits its graph.
import { type ByteSource, FsError } from '@fs/core'
import { bundleProblems, graphShape, readBundle } from '@fs/litertlm/bundle'
import { openTokenizer } from '@fs/tokenizer'
import type { Problem, Validation } from '../validation/check-path.ts'
import { constantsOf } from './constants.ts'

export async function checkBundle(source: ByteSource): Promise<Validation> {
  const problems = await bundleProblems(source)
  if (problems.length > 0) return { tensors: 0, metadata: 0, size: source.size, problems: problems.map(asProblem) }
  const { container, metadata, tokenizer, tflite } = await readBundle(source)
  return {
    container: 'litertlm',
    tensors: constantsOf(tflite).length,
    metadata: Object.keys(metadata).length + container.system.size,
    size: source.size,
    problems: tokenizerProblems(tokenizer, graphShape(tflite).vocabularySize, source.name).map(asProblem),
  }
}

const asProblem = ({ code, message }: FsError): Problem => ({ code, message })

type Tokenizer = Awaited<ReturnType<typeof readBundle>>['tokenizer']

function tokenizerProblems(tokenizer: Tokenizer, vocabularySize: number | undefined, file: string): readonly FsError[] {
  try {
    const opened =
      tokenizer.kind === 'huggingface'
        ? openTokenizer({ tokenizerJson: new TextDecoder().decode(tokenizer.json) })
        : openTokenizer({ tokenizerModel: tokenizer.model })
    if (vocabularySize === undefined || opened.vocabularySize <= vocabularySize) return []
    const message = `${file}: its tokenizer has ids up to ${opened.vocabularySize - 1}, but its graph ${vocabularySize} tokens`
    return [new FsError('litertlm/contradiction', message)]
  } catch (error) {
    if (FsError.is(error)) return [error]
    throw error
  }
}
