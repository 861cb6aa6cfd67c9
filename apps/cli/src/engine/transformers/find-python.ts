// Finds a Python that has torch and transformers: FARTSOVKA_PYTHON, then python3 on PATH. Nothing is installed, and nothing needs one to be there.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export type FoundPython = { readonly kind: 'found'; readonly command: string } | { readonly kind: 'absent'; readonly reason: string }

/** Says which of the two are not there, without loading them, which takes seconds. */
const PROBE = 'import importlib.util as u; print(" ".join(n for n in ("torch", "transformers") if u.find_spec(n) is None))'

export async function findPython(environment: { readonly [name: string]: string | undefined }): Promise<FoundPython> {
  const named = environment.FARTSOVKA_PYTHON
  const command = named ?? 'python3'
  try {
    const { stdout } = await promisify(execFile)(command, ['-c', PROBE], { env: environment, timeout: 30_000 })
    const missing = stdout.trim()
    return missing === '' ? { kind: 'found', command } : { kind: 'absent', reason: `${command} has no ${missing.replace(' ', ' and no ')}` }
  } catch {
    return { kind: 'absent', reason: named === undefined ? 'there is no python3' : `FARTSOVKA_PYTHON=${named} is no Python that runs` }
  }
}
