// Whether a side fits in this machine's memory, before anything is loaded. One side is held at a time, its weights as float32.
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
 * llama.cpp maps its file, and saved logits need nothing.
 * @throws FsError `cli/memory` for a side whose weights alone do not fit
 */
export function checkMemory(
  { reference, candidate, runners }: { readonly reference: Side; readonly candidate: Side; readonly runners: Runners },
  available: number,
): void {
  for (const [side, runner] of [
    [reference, runners.reference],
    [candidate, runners.candidate],
  ] as const) {
    const loaded = runner.kind === 'transformers' || (runner.kind === 'engine' && runner.engine === 'ort')
    if (side.kind !== 'model' || !loaded) continue
    const bytes = 4 * canonicalTensors(side.opened.description.spec).reduce((sum, { shape }) => sum + elementCount(shape), 0)
    if (bytes <= available) continue
    throw cliError(
      'cli/memory',
      `running ${side.name} takes ${formatBytes(bytes)} for its weights as float32, and there are ${formatBytes(available)}; --weights-only compares token ids, settings and every weight in constant memory`,
      { model: side.name, bytes, available },
    )
  }
}
