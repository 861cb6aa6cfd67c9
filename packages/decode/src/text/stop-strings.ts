// Finds texts that end a completion, across token borders, without giving out a part of one.
// A scanner holds back exactly what could still become a stop string and nothing more.

export type StopScanner = {
  /**
   * Takes new text.
   * @returns what may be given out now, and the stop string when one is complete; what follows it is dropped
   */
  push(text: string): { readonly text: string; readonly stop: string | undefined }
  /** What was held back, once nothing follows. */
  end(): string
}

/** @param stops texts that are not empty. Of several that are complete, the one that begins first wins, of these the longest. */
export function stopScanner(stops: readonly string[]): StopScanner {
  let held = ''
  return {
    push(text) {
      const whole = held + text
      const found = firstStop(whole, stops)
      if (found !== undefined) {
        held = ''
        return { text: whole.slice(0, found.at), stop: found.stop }
      }
      const safe = whole.length - heldLength(whole, stops)
      held = whole.slice(safe)
      return { text: whole.slice(0, safe), stop: undefined }
    },
    end() {
      const rest = held
      held = ''
      return rest
    },
  }
}

function firstStop(text: string, stops: readonly string[]): { readonly at: number; readonly stop: string } | undefined {
  let first: { readonly at: number; readonly stop: string } | undefined
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at < 0 || (first !== undefined && (at > first.at || (at === first.at && stop.length <= first.stop.length)))) continue
    first = { at, stop }
  }
  return first
}

/** Length of the longest end of `text` that is the beginning of a stop string. */
function heldLength(text: string, stops: readonly string[]): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length)
    if (stops.some((stop) => stop.startsWith(end))) return length
  }
  return 0
}
