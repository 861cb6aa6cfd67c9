// Random-access bytes with a known size: the only way any reader of the toolkit touches a file, a Blob or a server.
// The implementations live in `@fs/formats`; this file holds the contract they share.

/**
 * Where the bytes are, as plain data, so that a plan can be written down and a worker thread can open the same bytes again.
 * `memory` cannot be reopened elsewhere; whoever plans work for other threads has to hand the bytes over.
 */
export type ByteLocation =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'http'; readonly url: string; readonly headers?: { readonly [name: string]: string } }
  | { readonly kind: 'blob' }
  | { readonly kind: 'memory' }

/** Random-access bytes. Reads may run concurrently; a source never changes size while it is open. */
export type ByteSource = {
  /** What a person calls it, for messages: usually the file's name. */
  readonly name: string
  readonly location: ByteLocation
  /** Total bytes; a safe integer. */
  readonly size: number
  /**
   * Reads exactly `length` bytes at `offset`. The result may share memory with the source: treat it as read-only.
   * @throws FsError when the range leaves the source or the bytes cannot be had; never returns fewer bytes.
   */
  read(offset: number, length: number, options?: { readonly signal?: AbortSignal }): Promise<Uint8Array>
  close(): Promise<void>
}
