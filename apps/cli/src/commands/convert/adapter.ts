// `--adapter DIR`: the LoRA adapter that is merged while a model is converted, from a folder or the Hub.
import type { Checkpoint } from '@fs/core'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import type { Terminal } from '../../terminal/terminal.ts'

type AdapterOptions = Pick<ModelOptions, 'offline' | 'quiet'> & { readonly adapter?: string }

/** The adapter, still open; undefined without the option. `--revision` is the model's. */
export async function openAdapter({ adapter, offline, quiet }: AdapterOptions, terminal: Terminal): Promise<Checkpoint | undefined> {
  if (adapter === undefined) return undefined
  const { checkpoint } = await resolveModel(adapter, { ...(offline ? { offline } : {}), ...(quiet ? { quiet } : {}) }, terminal)
  return checkpoint
}
