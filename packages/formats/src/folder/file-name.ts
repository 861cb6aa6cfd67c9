// The one rule for file names that come out of other files (indexes, servers): they stay inside their folder, on every system.
import { fail } from '../errors.ts'

/** Names Windows reserves for devices, with any extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i

/**
 * Refuses a relative name that is empty, absolute, has a drive or stream (`:`), a backslash, a NUL or control character, a `.` or `..` part, a
 * part ending in a dot or space, or a device name of Windows.
 * @param saidBy the file the name was found in, for the message
 * @throws FsError folder/unsafe-name
 */
export function checkFileName(name: string, saidBy: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const plain = /^[^\\:\u0000-\u001f]+$/.test(name)
  const parts = name.split('/')
  if (plain && parts.every((part) => part !== '' && !/[. ]$/.test(part) && !RESERVED.test(part))) return
  throw fail('folder/unsafe-name', `${saidBy} names the file ${JSON.stringify(name)}, which is not a plain name inside its folder`, {
    file: saidBy,
    name,
  })
}
