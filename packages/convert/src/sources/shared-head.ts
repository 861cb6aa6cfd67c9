// A head that was saved beside the embedding whose storage it is: what training scripts leave of tied weights.
import type { SourceTensor } from '../source-tensor.ts'

/** Without a head that is the embedding's storage again: the two are one, and Hugging Face's form then has no head. */
export function withoutSharedHead(
  tensors: ReadonlyMap<string, SourceTensor>,
  names: { readonly head: string; readonly embedding: string },
): ReadonlyMap<string, SourceTensor> {
  const [head, embedding] = [tensors.get(names.head), tensors.get(names.embedding)]
  if (head === undefined || embedding === undefined || !isSameStorage(head, embedding)) return tensors
  return new Map([...tensors].filter(([name]) => name !== names.head))
}

function isSameStorage(left: SourceTensor, right: SourceTensor): boolean {
  if (!('file' in left) || !('file' in right)) return false
  return left.file === right.file && left.offset === right.offset && left.byteLength === right.byteLength
}
