// What a section of the benchmark is, and the contenders whose whole processes are measured side by side.
// It knows no section; `sections.ts` lists them.

/** One way to do a row's work: child processes run one after the other, measured as one. */
export type Contender =
  | { readonly name: string; readonly kind: 'ready'; readonly commands: readonly Command[] }
  | { readonly name: string; readonly kind: 'absent'; readonly reason: string }

export type Command = {
  readonly program: string
  readonly args: readonly string[]
  readonly environment?: { readonly [name: string]: string }
}

/** The same work done by several contenders. The first one is ours, and ratios are against it. */
export type Row = {
  readonly title: string
  readonly contenders: readonly Contender[]
  /** Removes what a round wrote, so that every round starts alike. Not measured. */
  readonly clear: () => void
}

export type Section = {
  readonly id: string
  readonly title: string
  /** One or two sentences: the input, and what counts. */
  readonly about: string
  /** Measures everything in so many rounds. @returns a Markdown table */
  readonly measure: (setting: Setting, rounds: number) => Promise<string>
}

export type Setting = {
  /** Where inputs are kept and outputs are written. */
  readonly folder: string
  readonly threads: number
}
