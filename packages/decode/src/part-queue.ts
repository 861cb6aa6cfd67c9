// Parts that one side makes and another takes, one consumer at a time.

export type PartQueue<Part> = {
  push(part: Part): void
  /** No more parts; with an error the consumer is thrown it after the parts it has not taken. */
  end(error?: unknown): void
  parts(): AsyncGenerator<Part, void, undefined>
}

export function partQueue<Part>(): PartQueue<Part> {
  const parts: Part[] = []
  let ended: { readonly error: unknown } | undefined
  let wake = () => {}
  return {
    push(part) {
      parts.push(part)
      wake()
    },
    end(error) {
      ended ??= { error }
      wake()
    },
    async *parts() {
      for (;;) {
        const part = parts.shift()
        if (part !== undefined) {
          yield part
          continue
        }
        if (ended !== undefined) {
          if (ended.error !== undefined) throw ended.error
          return
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}
