// What the interpreter throws while a template runs; `render.ts` turns it into an FsError that names the template.
// Not exported from the package.

/** Something Jinja (or Python under it) does not allow. */
export class TemplateProblem extends Error {
  readonly kind: 'failed' | 'refused'

  constructor(kind: 'failed' | 'refused', message: string) {
    super(message)
    this.name = 'TemplateProblem'
    this.kind = kind
  }
}

/** A problem of the template: an undefined value used, a type that does not fit. Words follow Python's where users search for them. */
export function problem(message: string): TemplateProblem {
  return new TemplateProblem('failed', message)
}
