// LiteRT-LM bundles among what a person may name: known by their first bytes, on a disk or behind an address. They are no checkpoints, since
// their weights cannot be had back as a description's.
import { existsSync, statSync } from 'node:fs'
import type { ByteSource } from '@fs/core'
import { httpSource } from '@fs/formats/bytes'
import { fileSource } from '@fs/formats/node'
import { type Terminal, userPath } from '../terminal/terminal.ts'

const MAGIC = 'LITERTLM'

/** The bundle at a path or an address that ends in `.litertlm`; undefined for anything else. */
export async function openBundle(name: string, terminal: Terminal): Promise<ByteSource | undefined> {
  if (/^https?:\/\/\S+\.litertlm$/i.test(name)) return httpSource(name)
  const path = bundlePath(name, terminal)
  if (path === undefined) return undefined
  const source = await fileSource(path)
  const start = await source.read(0, Math.min(source.size, MAGIC.length))
  if (new TextDecoder('latin1').decode(start) === MAGIC || /\.litertlm$/i.test(path)) return source
  await source.close()
  return undefined
}

function bundlePath(name: string, terminal: Terminal): string | undefined {
  const path = userPath(terminal, name)
  return existsSync(path) && statSync(path).isFile() ? path : undefined
}
