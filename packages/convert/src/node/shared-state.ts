// The memory that the threads of one conversion share: which band is next, which are done, how much is written, whether to stop.
// No messages pass between threads while bands are worked on.

const NEXT = 0
const DONE = 1
const STOP = 2
const KIBIBYTES = 3
const HEADER = 4 * Int32Array.BYTES_PER_ELEMENT

/** Views over one SharedArrayBuffer; every thread makes its own over the same memory. */
export type SharedState = {
  readonly memory: SharedArrayBuffer
  /** Takes the next band nobody has and that was not done in an earlier run; -1 when there is none or all should stop. */
  take(): number
  finish(band: number, writtenBytes: number): void
  stop(): void
  doneBands(): number
  writtenBytes(): number
  /** One byte a band, 1 for done; a copy. */
  doneMap(): Uint8Array
}

export function sharedStateSize(bands: number): number {
  return HEADER + bands
}

/** @param memory of `sharedStateSize(bands)` bytes; zero-filled at first, band flags of an earlier run set to 1 */
export function sharedState(memory: SharedArrayBuffer): SharedState {
  const counters = new Int32Array(memory, 0, 4)
  const done = new Uint8Array(memory, HEADER)
  return {
    memory,
    take: () => {
      for (;;) {
        if (Atomics.load(counters, STOP) !== 0) return -1
        const band = Atomics.add(counters, NEXT, 1)
        if (band >= done.length) return -1
        if (Atomics.load(done, band) === 0) return band
      }
    },
    finish: (band, writtenBytes) => {
      Atomics.store(done, band, 1)
      Atomics.add(counters, DONE, 1)
      // Kibibytes, so that 32 bits reach 4 TB.
      Atomics.add(counters, KIBIBYTES, Math.round(writtenBytes / 1024))
    },
    stop: () => void Atomics.store(counters, STOP, 1),
    doneBands: () => Atomics.load(counters, DONE),
    writtenBytes: () => (Atomics.load(counters, KIBIBYTES) >>> 0) * 1024,
    doneMap: () => Uint8Array.from(done),
  }
}
