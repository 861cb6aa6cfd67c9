// Several downloads at a time; the first failure stops the others.
import type { HubAccess } from '../access.ts'

/**
 * Runs `work` over `items`, at most `lanes` at a time and one at least, starting them in order. When one fails, the others are aborted through the access
 * they were given, waited for, and the first failure is thrown.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  lanes: number,
  access: HubAccess,
  work: (item: Item, access: HubAccess) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const signal = access.signal === undefined ? stop.signal : AbortSignal.any([access.signal, stop.signal])
  const scope: HubAccess = { ...access, signal }
  const queue = items.values()
  const failures: unknown[] = []
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      try {
        signal.throwIfAborted()
        await work(item, scope)
      } catch (error) {
        failures.push(error)
        stop.abort(error)
        return
      }
    }
  }
  const width = Number.isNaN(lanes) ? 1 : Math.max(1, Math.min(Math.floor(lanes), items.length))
  await Promise.all(Array.from({ length: width }, lane))
  if (failures.length > 0) throw failures[0]
}
