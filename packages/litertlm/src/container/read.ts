// Reads the header of a `.litertlm` file and holds it against the file: every section where it says, none in another. Sections are not opened.
import type { ByteSource, FsError } from '@fs/core'
import { type LITERTLM_ERRORS, litertlmError } from '../errors.ts'
import { BLOCK_BYTES, type Container, type ContainerSection, MAGIC, PREAMBLE_BYTES, type Version } from './container.ts'
import { type DeclaredSection, readHeaderFlatbuffer } from './read-header.ts'
import { sectionTypeOf } from './section-types.ts'

/** Called with each problem instead of stopping at the first; what is reported is left out of the result. */
export type OnProblem = (problem: FsError) => void

/**
 * @param onProblem without it the first problem is thrown
 * @throws FsError `litertlm/not-litertlm`, `litertlm/truncated`, `litertlm/version`, `litertlm/header-size`, `litertlm/header`,
 * `litertlm/duplicate-key`; of sections `litertlm/section-type`, `litertlm/section-range`, `litertlm/misaligned`, `litertlm/truncated`, `litertlm/overlap`
 */
export async function readContainer(source: ByteSource, onProblem?: OnProblem): Promise<Container> {
  const { name: file, size } = source
  const start = await source.read(0, Math.min(size, PREAMBLE_BYTES))
  if (new TextDecoder('latin1').decode(start.subarray(0, MAGIC.length)) !== MAGIC) {
    throw litertlmError('litertlm/not-litertlm', `${file} does not start with ${MAGIC}; it is no LiteRT-LM bundle`, { file })
  }
  if (size < PREAMBLE_BYTES) throw truncated(file, size, PREAMBLE_BYTES, 'its preamble')
  const view = new DataView(start.buffer, start.byteOffset)
  const version: Version = { major: view.getUint32(8, true), minor: view.getUint32(12, true), patch: view.getUint32(16, true) }
  if (version.major !== 1) {
    throw litertlmError('litertlm/version', `${file} has version ${version.major}.${version.minor}; only version 1 is known`, {
      file,
      major: version.major,
    })
  }
  const headerEnd = view.getBigUint64(24, true)
  if (headerEnd <= PREAMBLE_BYTES || headerEnd > BLOCK_BYTES) {
    throw litertlmError(
      'litertlm/header-size',
      `${file}: its header ends at byte ${headerEnd}, which is not between ${PREAMBLE_BYTES} and ${BLOCK_BYTES}`,
      { file, headerEnd },
    )
  }
  const end = Number(headerEnd)
  if (end > size) throw truncated(file, size, end, 'its header')
  const { system, sections } = readHeaderFlatbuffer(await source.read(PREAMBLE_BYTES, end - PREAMBLE_BYTES), file)
  return { version, system, sections: placedSections(sections, file, size, onProblem ?? raise) }
}

const raise: OnProblem = (problem) => {
  throw problem
}

function placedSections(declared: readonly DeclaredSection[], file: string, size: number, report: OnProblem): readonly ContainerSection[] {
  const placed: (ContainerSection & { readonly index: number })[] = []
  for (const [index, section] of declared.entries()) {
    const problem = sectionProblem(section, index, file, size)
    if (problem !== undefined) report(problem)
    else {
      const offset = Number(section.begin)
      placed.push({ type: sectionTypeOf(section.type)!, items: section.items, offset, size: Number(section.end) - offset, index })
    }
  }
  const ordered = placed.toSorted((a, b) => a.offset - b.offset || a.size - b.size)
  for (const [position, { offset, index }] of ordered.entries()) {
    const before = ordered[position - 1]
    if (before !== undefined && before.offset + before.size > offset) {
      report(
        litertlmError('litertlm/overlap', `${file}: sections ${before.index} and ${index} share bytes from ${offset} on`, { file, offset }),
      )
    }
  }
  return placed.map(({ index: _, ...section }) => section)
}

function sectionProblem({ type, begin, end }: DeclaredSection, index: number, file: string, size: number): FsError | undefined {
  const problem = (code: keyof typeof LITERTLM_ERRORS, reason: string) =>
    litertlmError(code, `${file}: section ${index} ${reason}`, { file, section: index, begin, end })
  if (sectionTypeOf(type) === undefined) return problem('litertlm/section-type', `is of type ${type}, which is not known`)
  if (end < begin) return problem('litertlm/section-range', `ends at ${end}, before it begins at ${begin}`)
  if (begin < BLOCK_BYTES) return problem('litertlm/overlap', `begins at ${begin}, inside the header`)
  if (begin % BigInt(BLOCK_BYTES) !== 0n)
    return problem('litertlm/misaligned', `begins at ${begin}, which is no multiple of ${BLOCK_BYTES}`)
  if (end > size) return problem('litertlm/truncated', `ends at ${end}, but the file has ${size} bytes; download it again`)
  return undefined
}

function truncated(file: string, size: number, needed: number, what: string): FsError {
  return litertlmError('litertlm/truncated', `${file} has ${size} bytes and ends inside ${what}; download it again`, { file, size, needed })
}
