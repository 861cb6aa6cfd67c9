// What one rendering may use: steps, characters, depth, time. Everything the interpreter does is paid for here, before it is done.
// It does not stop a single call into the JavaScript engine; the worker thread in `node/` is for that.
import { fail } from '../errors.ts'

export type RenderLimits = {
  /** Evaluated nodes plus loop items plus items of built lists. */
  readonly steps: number
  /** Characters of all strings made on the way, the result included. */
  readonly characters: number
  /** Nested expressions and macro calls. */
  readonly depth: number
  /** Wall clock, looked at every 1024 steps. */
  readonly milliseconds: number
}

/**
 * Sized from what real templates need: Qwen3's, among the longest, takes about 70 steps per message and copies a message some eight
 * times, so this carries chats of more than ten thousand messages or several million characters. What stays within it takes less than
 * 300 MB and ends in well under a second.
 */
export const DEFAULT_LIMITS = {
  steps: 1_000_000,
  characters: 64_000_000,
  depth: 250,
  milliseconds: 600,
} as const satisfies RenderLimits

/** The running account of one rendering. */
export class Budget {
  readonly #limits: RenderLimits
  readonly #name: string
  readonly #deadline: number
  #steps = 0
  #nextClock = 1024
  #characters = 0
  #depth = 0

  constructor(limits: RenderLimits, name: string) {
    this.#limits = limits
    this.#name = name
    this.#deadline = performance.now() + limits.milliseconds
  }

  /** @throws FsError `chat-format/limit-steps`, `chat-format/limit-time` */
  step(count = 1): void {
    this.#steps += count
    if (this.#steps > this.#limits.steps) {
      throw fail('chat-format/limit-steps', `${this.#name} needs more than ${this.#limits.steps} steps; it is not a usable chat template`, {
        limit: this.#limits.steps,
      })
    }
    if (this.#steps >= this.#nextClock) {
      this.#nextClock = this.#steps + 1024
      this.#checkTime()
    }
  }

  /**
   * Pays for a string (or for scanning one) before it is made. Long strings count as steps too: copying 4096 characters takes about as
   * long as a node.
   * @throws FsError `chat-format/limit-characters`, `chat-format/limit-time`
   */
  characters(count: number): void {
    this.#characters += count
    if (this.#characters > this.#limits.characters) {
      throw fail(
        'chat-format/limit-characters',
        `${this.#name} makes more than ${this.#limits.characters} characters; shorten the chat or use another template`,
        { limit: this.#limits.characters },
      )
    }
    if (count > 4096) this.step(count >>> 12)
  }

  /** @throws FsError `chat-format/limit-depth` */
  enter(): void {
    this.#depth += 1
    if (this.#depth > this.#limits.depth) {
      throw fail(
        'chat-format/limit-depth',
        `${this.#name} nests deeper than ${this.#limits.depth} levels; it is not a usable chat template`,
        {
          limit: this.#limits.depth,
        },
      )
    }
  }

  leave(): void {
    this.#depth -= 1
  }

  #checkTime(): void {
    if (performance.now() > this.#deadline) {
      throw fail('chat-format/limit-time', `${this.#name} rendered for more than ${this.#limits.milliseconds} ms and was stopped`, {
        limit: this.#limits.milliseconds,
      })
    }
  }
}
