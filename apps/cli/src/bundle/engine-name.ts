// When a model is run by LiteRT-LM's engine: when a person says so, or names a bundle, which nothing else runs. The engine is loaded elsewhere.
import type { Terminal } from '../terminal/terminal.ts'
import { openBundle } from './open-bundle.ts'

export const BUNDLE_ENGINE = 'litert-lm'

export async function isForBundles(model: string, engine: string, terminal: Terminal): Promise<boolean> {
  if (engine === BUNDLE_ENGINE) return true
  if (!/\.litertlm$/i.test(model)) return false
  const bundle = await openBundle(model, terminal)
  await bundle?.close()
  return bundle !== undefined
}
