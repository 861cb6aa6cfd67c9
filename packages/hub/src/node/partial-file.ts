// A blob on its way: `<blob>.incomplete`, filled from the front, its hash kept up with every byte.
// It only grows or starts over, so its length is how far the download got, even after a kill.
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { HubFile } from '../listing.ts'
import { type ContentCheck, contentCheck } from './file-identity.ts'

const READ_SIZE = 1 << 20

/** State of one download; a class because position, hash and file move together. */
export class PartialFile {
  readonly #handle: FileHandle
  readonly #file: HubFile
  #check: ContentCheck
  #position = 0

  private constructor(handle: FileHandle, file: HubFile) {
    this.#handle = handle
    this.#file = file
    this.#check = contentCheck(file)
  }

  /** Opens what an earlier run left, or an empty file; never through a symbolic link. Leftovers longer than the file are dropped. */
  static async open(path: string, file: HubFile): Promise<PartialFile> {
    // Windows has neither symbolic links by default nor this flag.
    const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0)
    const partial = new PartialFile(await open(path, flags, 0o666), file)
    try {
      await partial.#takeUp()
      return partial
    } catch (error) {
      await partial.close()
      throw error
    }
  }

  /** Bytes present and counted in the hash. */
  get position(): number {
    return this.#position
  }

  async #takeUp(): Promise<void> {
    const { size } = await this.#handle.stat()
    if (size > this.#file.size) return this.startOver()
    const buffer = new Uint8Array(Math.min(READ_SIZE, size))
    while (this.#position < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(buffer.length, size - this.#position), this.#position)
      if (bytesRead === 0) return
      this.#check.update(buffer.subarray(0, bytesRead))
      this.#position += bytesRead
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    const writing = this.#write(bytes)
    // Hashed while the system writes.
    this.#check.update(bytes)
    await writing
    this.#position += bytes.length
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, this.#position + written)
      written += bytesWritten
    }
  }

  async startOver(): Promise<void> {
    await this.#handle.truncate(0)
    this.#check = contentCheck(this.#file)
    this.#position = 0
  }

  /** Whether the complete content is the listed one. Ends the hash: afterwards only `startOver` and `close` make sense. */
  holds(): boolean {
    return this.#check.holds()
  }

  /** Makes sure the bytes are on the disk, so that a complete name never stands for an incomplete file after a power cut. */
  async sync(): Promise<void> {
    await this.#handle.sync()
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
