// A section of a bundle as bytes of their own, which is how readers of what is inside want it. Closing it leaves the bundle open.
import type { ByteSource } from '@fs/core'
import type { ContainerSection } from '../container/container.ts'
import { litertlmError } from '../errors.ts'

/** Its name, in messages, is the bundle's. */
export function sectionSource(bundle: ByteSource, { offset, size }: ContainerSection): ByteSource {
  return {
    name: bundle.name,
    location: { kind: 'memory' },
    size,
    read: async (from, length, options) => {
      // The bundle goes on behind the section, so it cannot be left to it to refuse.
      if (from < 0 || length < 0 || from + length > size) {
        throw litertlmError('litertlm/section-range', `${bundle.name}: ${length} bytes at ${from} lie outside a section of ${size}`, {
          file: bundle.name,
          offset: from,
        })
      }
      return bundle.read(offset + from, length, options)
    },
    close: async () => {},
  }
}
