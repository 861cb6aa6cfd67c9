// Refuses regular expressions from files that could take exponential time, or more than quadratic time, on some text.
// It judges JavaScript sources under the `u` flag; it does not translate other dialects.

/** Why a source is refused, or undefined when it is not. */
export function unsafeReason(source: string): string | undefined {
  return ambiguityReason(source) ?? slowProbeReason(source)
}

/** Loops in a row that one place of a text may be given to: time grows with the text's length to this power. Real patterns have up to 3. */
const MOST_LOOPS = 4
/** Two to the power of this many ways to match at one place, loops aside. Real patterns have up to 13, for nine letters up to four times. */
const MOST_CHOICE_BITS = 18

/** How a part of an expression can match one text in different ways. */
type Shape = {
  /** Unbounded repetitions, of the branch that has most. */
  readonly loops: number
  /** Logarithm (base 2) of the ways to take its alternatives and optional parts. */
  readonly bits: number
}

/** Parts of real patterns that nest loops and are unambiguous all the same: exaone-moe joins words by single spaces. */
const KNOWN_NESTED = String.raw`(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+`

/**
 * Exponential time needs a loop around something that matches one text in several ways, or very many choices in a row. So a part that repeats
 * without end must match in one way only: single characters and exact counts; lookarounds in it are atomic and do not count.
 */
function ambiguityReason(pattern: string): string | undefined {
  const source = pattern.replaceAll(KNOWN_NESTED, '[^x]+')
  let at = 0
  let reason: string | undefined

  const quantifier = (): { readonly min: number; readonly max: number } => {
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 32))
    if (found === null) return { min: 1, max: 1 }
    at += found[0].length
    switch (found[0][0]) {
      case '*':
        return { min: 0, max: Number.POSITIVE_INFINITY }
      case '+':
        return { min: 1, max: Number.POSITIVE_INFINITY }
      case '?':
        return { min: 0, max: 1 }
      default: {
        const min = Number(found[1])
        return { min, max: found[2] === '' ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3]) }
      }
    }
  }

  /** One character, class, escape or group; a group's own shape, or a fixed one. Undefined for lookarounds. */
  const atom = (depth: number): Shape | undefined => {
    if (source[at] === '(') {
      const opening = /^\((?:\?(?:<?[=!]|:|<[A-Za-z]\w*>))?/.exec(source.slice(at, at + 64))![0]
      at += opening.length
      const inner = alternatives(depth + 1)
      at++
      return /[=!]$/.test(opening) ? undefined : inner
    }
    if (source[at] === '[') {
      for (at++; at < source.length && source[at] !== ']'; at++) if (source[at] === '\\') at++
      at++
    } else if (source[at] === '\\') {
      if (/^\\[1-9k]/.test(source.slice(at, at + 2))) reason ??= 'it has a back-reference'
      at += /^\\(?:[pPu]\{[^}]*\}|.)/su.exec(source.slice(at, at + 64))?.[0].length ?? 2
    } else at += source.codePointAt(at)! > 0xffff ? 2 : 1
    return { loops: 0, bits: 0 }
  }

  const repeated = ({ loops, bits }: Shape, { min, max }: { readonly min: number; readonly max: number }): Shape => {
    if (max === Number.POSITIVE_INFINITY) {
      if (loops > 0 || bits > 0) reason ??= 'a part that repeats without end can match one text in several ways'
      return { loops: 1, bits: 0 }
    }
    if (loops > 0 && max > 1) return { loops: loops * max, bits: bits * max }
    return { loops, bits: bits * max + Math.log2(max - min + 1) }
  }

  const alternatives = (depth: number): Shape => {
    if (depth > 100) reason ??= 'groups are nested more than 100 deep'
    let [most, branch, branches]: [Shape, Shape, number] = [{ loops: 0, bits: 0 }, { loops: 0, bits: 0 }, 1]
    const close = () => {
      most = { loops: Math.max(most.loops, branch.loops), bits: Math.max(most.bits, branch.bits) }
      branch = { loops: 0, bits: 0 }
    }
    while (at < source.length && source[at] !== ')' && reason === undefined) {
      if (source[at] === '|') {
        at++
        branches++
        close()
        continue
      }
      const part = atom(depth)
      if (part === undefined) continue
      const { loops, bits } = repeated(part, quantifier())
      branch = { loops: branch.loops + loops, bits: branch.bits + bits }
      if (branch.loops > MOST_LOOPS) reason ??= `more than ${MOST_LOOPS} parts in a row repeat without end`
      if (branch.bits > MOST_CHOICE_BITS) reason ??= 'it has too many choices in a row'
    }
    close()
    return depth === 0 ? most : { loops: most.loops, bits: most.bits + Math.log2(branches) }
  }

  alternatives(0)
  return reason
}

/** One character of each kind that patterns tell apart. */
const PROBES = ['a', 'A', '1', ' ', '\n', "'", '!', '中', '\u0301', '\t', 'aA', ' a', '1,']
/** Milliseconds for 2048 characters; a linear pattern takes 0.1, a quadratic one 10. */
const MOST_MILLISECONDS = 100

/** Polynomial time shows on long runs of one character: doubling them stops at the first that is slow, so judging is quick too. */
function slowProbeReason(source: string): string | undefined {
  const regex = new RegExp(source, 'gu')
  const literals = new Set(Array.from(source.slice(0, 4096)).filter((character) => !PROBES.includes(character)))
  for (const unit of [...PROBES, ...[...literals].slice(0, 16)]) {
    for (let length = 16; length <= 2048; length *= 2) {
      const text = `${unit.repeat(length / unit.length)}\u0000`
      if (isSlow(regex, text)) return `a run of ${length} characters takes it too long`
    }
  }
  return undefined
}

/** Slow three times over: once may be another process having the core. */
function isSlow(regex: RegExp, text: string): boolean {
  for (let attempt = 0; attempt < 3; attempt++) {
    const start = performance.now()
    text.replace(regex, '')
    if (performance.now() - start <= MOST_MILLISECONDS) return false
  }
  return true
}
