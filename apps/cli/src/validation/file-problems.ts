// Every problem of one damaged file: reads past what a conversion stops at. Nothing here is ever converted from.
import { dirname, join } from 'node:path'
import { FsError } from '@fs/core'
import { readGguf } from '@fs/formats/gguf'
import { fileSource } from '@fs/formats/node'
import { readSafetensorsHeader } from '@fs/formats/safetensors'

/** Problems of a GGUF file and the parts that belong to it. */
export async function ggufProblems(path: string): Promise<readonly FsError[]> {
  return collect(async (note) => {
    const source = await fileSource(path)
    try {
      const file = await readGguf(source, {
        strictness: 'lenient',
        onProblem: note,
        openShard: (name) => fileSource(join(dirname(path), name)),
      })
      await file.tensors.close()
    } finally {
      await source.close()
    }
  })
}

/** Problems of one safetensors file. */
export async function safetensorsProblems(path: string): Promise<readonly FsError[]> {
  return collect(async (note) => {
    const source = await fileSource(path)
    try {
      await readSafetensorsHeader(source, note)
    } finally {
      await source.close()
    }
  })
}

/** What was noted on the way, and what ended it. */
async function collect(read: (note: (problem: FsError) => void) => Promise<void>): Promise<readonly FsError[]> {
  const problems: FsError[] = []
  try {
    await read((problem) => problems.push(problem))
  } catch (error) {
    if (!FsError.is(error)) throw error
    problems.push(error)
  }
  return problems
}
