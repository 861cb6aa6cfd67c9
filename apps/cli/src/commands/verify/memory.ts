// Whether a side fits in this machine's memory, before anything is loaded. One side is held at a time.
import { totalmem } from 'node:os'
import { canonicalTensors } from '@fs/arch'
import { elementCount } from '@fs/core'
import { cliError } from '../../errors.ts'
import { formatBytes } from '../../terminal/format.ts'
import type { Runners } from './runners.ts'
import type { Side } from './sides.ts'

/** What this process may use: the machine's, or less in a container. */
export function memoryHere(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
}

/**
 * Of a weight while it is loaded: as float32, packed anew by ONNX Runtime, and what passes through. 1.69 GB at most for 158 million, in bfloat16 and
 * in Q8_0 alike; a verification of one against the other took as much as either.
 */
const BYTES_OF_WEIGHT = 10
/** transformers' own: as stored, then as float32. */
const BYTES_OF_WEIGHT_IN_PYTHON = 6

/** Bytes that running a model of so many weights takes, and comparing it with another of the same size too. */
export function memoryToRun(weights: number): number {
  return BYTES_OF_WEIGHT * weights
}

/**
 * llama.cpp maps its file, and saved logits need nothing.
 * @throws FsError `cli/memory` for a side whose weights do not fit
 */
export function checkMemory(
  { reference, candidate, runners }: { readonly reference: Side; readonly candidate: Side; readonly runners: Runners },
  available: number,
): void {
  const pairs = [
    [reference, runners.reference],
    [candidate, runners.candidate],
  ] as const
  for (const [side, runner] of pairs) {
    if (side.kind !== 'model' || runner.kind === 'saved' || (runner.kind === 'engine' && runner.engine !== 'ort')) continue
    const weights = canonicalTensors(side.opened.description.spec).reduce((sum, { shape }) => sum + elementCount(shape), 0)
    const bytes = runner.kind === 'transformers' ? BYTES_OF_WEIGHT_IN_PYTHON * weights : memoryToRun(weights)
    if (bytes <= available) continue
    throw cliError(
      'cli/memory',
      `running ${side.name} takes about ${formatBytes(bytes)}, and there are ${formatBytes(available)}; --weights-only compares token ids, settings and every weight in constant memory`,
      { model: side.name, bytes, available },
    )
  }
}
