// What the parts of a bundle say against one another: each may be sound, and the engine still fail or promise what it cannot keep.
import type { FsError } from '@fs/core'
import { litertlmError } from '../errors.ts'
import type { MetadataToken } from '../metadata/metadata.ts'
import type { StoredTflite } from '../tflite/stored.ts'
import type { Bundle } from './bundle.ts'
import { graphShape } from './graph-shape.ts'

export function contradictions({ metadata, tflite }: Bundle, file: string): readonly FsError[] {
  const problem = (reason: string) => litertlmError('litertlm/contradiction', `${file}: ${reason}`, { file })
  const problems: FsError[] = missingSignatures(tflite).map(problem)
  const { cacheLength, vocabularySize } = graphShape(tflite)
  if (cacheLength !== undefined && metadata.maxTokens > cacheLength) {
    problems.push(problem(`its metadata allows ${metadata.maxTokens} tokens, but the cache of its graph holds ${cacheLength}`))
  }
  const ids = (token: MetadataToken | undefined) => (token !== undefined && 'ids' in token ? token.ids : [])
  const beyond = [...ids(metadata.startToken), ...metadata.stopTokens.flatMap(ids)].find((id) => id < 0 || id >= (vocabularySize ?? id + 1))
  if (beyond !== undefined) problems.push(problem(`its metadata names token ${beyond}, but its graph has ${vocabularySize} tokens`))
  if (metadata.stopTokens.length === 0) problems.push(problem('its metadata names no stop token, so answers do not end'))
  if (metadata.modelType === 'gemma3-270m') {
    problems.push(problem('its model type is gemma3-270m, which the engine refuses (0.17.1); gemma3 does the same'))
  }
  return problems
}

/** The engine looks for `decode` and for names that begin with `prefill`. */
function missingSignatures({ signatures }: StoredTflite): readonly string[] {
  const decode = signatures.find(({ key }) => key === 'decode')
  return [
    ...(decode === undefined ? ['its graph has no signature `decode`'] : []),
    ...(decode !== undefined && !decode.outputs.has('logits') ? ['its signature `decode` gives no logits'] : []),
    ...(signatures.some(({ key }) => key.startsWith('prefill')) ? [] : ['its graph has no signature that begins with `prefill`']),
  ]
}
