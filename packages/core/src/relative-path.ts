// The one rule for file names that come from a file or a server: may this name be joined to a folder of ours, on any system?
// It looks at the name alone; whether a folder on the way is a symbolic link is for the code that writes to find out.

/** Device names that Windows resolves outside any folder, with or without an extension ("Naming Files, Paths, and Namespaces", Microsoft). */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])(\.|$)/i

/** What Windows does not allow in a name; `:` also opens drives and alternate streams, `\` also separates folders. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for.
const FORBIDDEN_CHARACTER = /[\u0000-\u001f\u007f<>:"|?*\\]/

/** Longest name of one part, in bytes of UTF-8: ext4, APFS and NTFS all stop at or above 255. */
const LONGEST_PART = 255
/** Longest whole name in bytes, well under PATH_MAX (4096) so that a cache folder still fits in front. */
const LONGEST_NAME = 2048

/**
 * Why `name` must not be joined to a folder, or undefined when it may. The rules of POSIX and of Windows hold on every system, so
 * what was accepted on one is safe on the other. Separators are `/`; the name must be relative and stay below the folder.
 * @returns a reason that completes "the name … ": "is absolute", "has a part `..`".
 */
export function unsafePathReason(name: string): string | undefined {
  if (name === '') return 'is empty'
  if (!name.isWellFormed()) return 'is not valid Unicode'
  if (new TextEncoder().encode(name).length > LONGEST_NAME) return `is longer than ${LONGEST_NAME} bytes`
  if (name.startsWith('/') || name.startsWith('\\') || /^[a-z]:/i.test(name)) return 'is absolute'
  for (const part of name.split('/')) {
    const reason = unsafePartReason(part)
    if (reason !== undefined) return reason
  }
  return undefined
}

function unsafePartReason(part: string): string | undefined {
  if (part === '') return 'has an empty part'
  if (part === '.' || part === '..') return `has a part \`${part}\``
  if (FORBIDDEN_CHARACTER.test(part)) return 'has a character that some systems forbid or treat as a separator'
  if (part.endsWith('.') || part.endsWith(' ')) return 'has a part that ends in a dot or a space, which Windows drops'
  if (DEVICE_NAME.test(part)) return `has a part that Windows takes for a device`
  if (new TextEncoder().encode(part).length > LONGEST_PART) return `has a part longer than ${LONGEST_PART} bytes`
  return undefined
}
