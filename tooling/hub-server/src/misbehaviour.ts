// Ways a server goes wrong, as data, and which requests they befall.
// How each shows on the wire is in `answer.ts`.

export type Misbehaviour =
  /** Answers with this status instead. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: { readonly [name: string]: string }; readonly body?: string }
  /** Closes the connection without an answer. */
  | { readonly kind: 'hang-up' }
  /** Closes the connection after this many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Falls silent after this many bytes of the body and keeps the connection open. */
  | { readonly kind: 'stall'; readonly after: number }
  /** Sends the body in pieces of this size with pauses between them. */
  | { readonly kind: 'drip'; readonly bytes: number; readonly everyMilliseconds: number }
  /** Turns over the bits of the body's first byte. */
  | { readonly kind: 'damage' }
  /** Ignores the range and sends everything, status 200. */
  | { readonly kind: 'ignore-range' }
  /** Sends this many bytes more, declared as the file's length. */
  | { readonly kind: 'grow'; readonly by: number }
  /** Sets a header of the answer; an empty value removes it. */
  | { readonly kind: 'header'; readonly name: string; readonly value: string }

export type Befalls = {
  /** The Hub itself, or the second host that stores large files. */
  readonly host: 'hub' | 'storage'
  /** Matched against the path of the request, with its query. */
  readonly path: RegExp
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  /** How many requests, from the next one on; all by default. */
  readonly times?: number
}

type Rule = { readonly befalls: Befalls; readonly misbehaviour: Misbehaviour; left: number }

/** Rules in force. Each request meets every rule that matches, in the order they were made. */
export type Misbehaviours = {
  add(befalls: Befalls, misbehaviour: Misbehaviour): void
  clear(): void
  /** What befalls this request; counts it. */
  meet(host: 'hub' | 'storage', method: string, path: string): readonly Misbehaviour[]
}

export function createMisbehaviours(): Misbehaviours {
  let rules: Rule[] = []
  return {
    add: (befalls, misbehaviour) => {
      rules.push({ befalls, misbehaviour, left: befalls.times ?? Number.POSITIVE_INFINITY })
    },
    clear: () => {
      rules = []
    },
    meet: (host, method, path) => {
      const met = rules.filter(
        ({ befalls, left }) => left > 0 && befalls.host === host && befalls.path.test(path) && (befalls.method ?? method) === method,
      )
      for (const rule of met) rule.left--
      return met.map(({ misbehaviour }) => misbehaviour)
    },
  }
}
