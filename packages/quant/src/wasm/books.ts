// Which codebook of the IQ types a kernel needs in its memory, and the copying. The books are data of `codebooks/`.
import type { GgmlType } from '@fs/core'
import type { Codebook } from '../codebooks/codebook.ts'
import { iq1Codebook } from '../codebooks/iq1.ts'
import { iq2sCodebook } from '../codebooks/iq2_s.ts'
import { iq2xsCodebook } from '../codebooks/iq2_xs.ts'
import { iq2xxsCodebook } from '../codebooks/iq2_xxs.ts'
import { iq3sCodebook } from '../codebooks/iq3_s.ts'
import { iq3xxsCodebook } from '../codebooks/iq3_xxs.ts'
import type { KernelExports } from './kernels.ts'

type Book = { readonly id: number; readonly codebook: () => Codebook }

const iq1: Book = { id: 5, codebook: iq1Codebook }

/** Ids are those of `assembly/books.ts`. */
const BOOKS = {
  IQ2_XXS: { id: 0, codebook: iq2xxsCodebook },
  IQ2_XS: { id: 1, codebook: iq2xsCodebook },
  IQ2_S: { id: 2, codebook: iq2sCodebook },
  IQ3_XXS: { id: 3, codebook: iq3xxsCodebook },
  IQ3_S: { id: 4, codebook: iq3sCodebook },
  IQ1_S: iq1,
  IQ1_M: iq1,
} as const satisfies { readonly [Type in GgmlType]?: Book }

/** Makes the function that sees to it that a type's codebook lies in an instance's memory; it does nothing for types without one. */
export function bookLoader(kernels: KernelExports): (type: string) => void {
  const loaded = new Set<number>()
  return (type) => {
    if (!Object.hasOwn(BOOKS, type)) return
    const { id, codebook } = BOOKS[type as keyof typeof BOOKS]
    if (loaded.has(id)) return
    const { levels } = codebook()
    new Uint8Array(kernels.memory.buffer, kernels.bookLevels(id), levels.length).set(levels)
    kernels.openBook(id)
    loaded.add(id)
  }
}
