// The variables a template sees. `if` shares its surroundings' scope; loops, macros and blocks open one inside.
import { undefinedValue, type Value } from './values.ts'

export class Scope {
  readonly #variables = new Map<string, Value>()
  readonly #outer: Scope | undefined

  constructor(outer?: Scope) {
    this.#outer = outer
  }

  /** An unknown name is undefined, not an error: `{% if tools is defined %}`. */
  get(name: string): Value {
    let scope: Scope | undefined = this
    while (scope !== undefined) {
      const value = scope.#variables.get(name)
      if (value !== undefined) return value
      scope = scope.#outer
    }
    return undefinedValue(name)
  }

  set(name: string, value: Value): void {
    this.#variables.set(name, value)
  }
}
