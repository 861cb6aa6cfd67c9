// What a completion has to match, followed token by token. Grammars, schemas, patterns and choices become one of these (`index.ts`).

/** Made once for a vocabulary; every completion gets a state of its own. */
export type Constraint = {
  /** @param stopTokens tokens that end a completion: allowed where the text may end, and only there */
  start(stopTokens: ReadonlySet<number>): ConstraintState
}

/** How far one completion has come. */
export type ConstraintState = {
  /** Whether this token may come next. Tokens that end the completion are allowed where the text may end. */
  allows(token: number): boolean
  /** Sets the logits of all other tokens to -Infinity. */
  forbid(logits: Float32Array, limit: number): void
  /** Takes a token that was allowed. */
  advance(token: number): void
  /** True when the text is complete and nothing may follow. */
  readonly finished: boolean
  /** A state at the same place, that can go another way. */
  clone(): ConstraintState
}
