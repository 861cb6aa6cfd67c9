// What runs each side: ours, llama.cpp for the candidate, or transformers for whichever is a Hugging Face checkpoint.
import { ENGINES, engineNamed } from '../../engine/engines.ts'
import { findPython } from '../../engine/transformers/find-python.ts'
import { cliError } from '../../errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import type { Runner } from './run-side.ts'
import type { Side } from './sides.ts'

/** By the names `--engine` takes. */
export const VERIFY_ENGINES = [...ENGINES, 'transformers'] as const

export type Runners = { readonly reference: Runner; readonly candidate: Runner }

/** A Python that is not there is told, and our own runtime does its part. @throws FsError `cli/usage` */
export async function runnersOf(engine: string, reference: Side, candidate: Side, terminal: Terminal): Promise<Runners> {
  if (engine !== 'transformers') {
    const known = VERIFY_ENGINES.some((name) => name === engine)
    if (!known) throw cliError('cli/usage', `there is no engine ${engine}; choose ${VERIFY_ENGINES.join(' or ')}`, { engine })
    return { reference: runner(reference, 'ort'), candidate: runner(candidate, engine) }
  }
  const able = [reference, candidate].filter((side) => side.kind === 'model' && side.folder !== undefined)
  if (able.length === 0) {
    const why = 'transformers runs Hugging Face folders, and neither side is one on this machine'
    throw cliError('cli/usage', `${why}; compare with the folder the model came from, or leave --engine out`, {})
  }
  const python = await findPython(terminal.environment)
  if (python.kind === 'absent') {
    terminal.err(
      `transformers was not asked: ${python.reason}; set FARTSOVKA_PYTHON to a Python with torch and transformers. ONNX Runtime runs both sides.\n`,
    )
    return { reference: runner(reference, 'ort'), candidate: runner(candidate, 'ort') }
  }
  const choose = (side: Side): Runner => (able.includes(side) ? { kind: 'transformers', python: python.command } : runner(side, 'ort'))
  return { reference: choose(reference), candidate: choose(candidate) }
}

export function runnerName(runner: Runner): string {
  return runner.kind === 'engine' ? runner.engine : runner.kind
}

function runner(side: Side, engine: string): Runner {
  return side.kind === 'saved' ? { kind: 'saved' } : { kind: 'engine', engine: engineNamed(engine) }
}
