// Whether the files beside an ONNX model hold what its graph says lies in them. Sizes are all that is looked at.
import type { FsError } from '@fs/core'
import { onnxError } from '../errors.ts'
import type { ModelDescription, ModelWeight } from './describe-model.ts'

/** Reasons that are listed; a model with the wrong data has one for each weight. */
const MOST_PROBLEMS = 20

/**
 * @param sizeOf bytes of a file beside the model, undefined where there is none
 * @returns every weight that cannot be read, as errors `onnx/external-data`
 */
export function externalDataProblems({ weights }: ModelDescription, sizeOf: (location: string) => number | undefined): readonly FsError[] {
  const problems = weights.flatMap((weight) => {
    const reason = reasonAgainst(weight, sizeOf)
    return reason === undefined ? [] : [onnxError('onnx/external-data', `${weight.name}: ${reason}`, { tensor: weight.name })]
  })
  return problems.slice(0, MOST_PROBLEMS)
}

function reasonAgainst(
  { location, offset, length, bytes }: ModelWeight,
  sizeOf: (location: string) => number | undefined,
): string | undefined {
  if (location === null) return undefined
  if (/^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(location))
    return `its data is said to lie in ${location}, which is outside the model's folder`
  const size = sizeOf(location)
  if (size === undefined) return `its data lies in ${location}, and there is no such file beside the model`
  if (!Number.isSafeInteger(offset) || offset < 0) return `its data starts at ${offset} in ${location}, which is no place in a file`
  if (length !== null && bytes !== null && length !== bytes)
    return `its type and shape take ${bytes} bytes, but the model gives it ${length}`
  const end = offset + (length ?? bytes ?? 0)
  return end > size ? `its data ends at byte ${end} of ${location}, which has ${size}; download the file again` : undefined
}
