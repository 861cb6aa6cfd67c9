// The stack machine a pickle runs on: bytes in, inert values on a stack, a memo, limits. What each opcode does with it is in `opcodes.ts`.
import { fail } from '../errors.ts'
import { decodeText } from '../lossless-text.ts'
import { kindOf, type PickleDict, type PickleSequence, type PickleValue } from './values.ts'

/** What may be named in a pickle: dotted name to what becomes of a call of it. `dict`: a dictionary. `record`: a record of the call. */
export type AllowedGlobals = ReadonlyMap<string, 'dict' | 'record'>

/** Values a pickle may make. The state of a model with 100 000 tensors makes some 800 000, most checkpoints some thousand. */
const MAX_VALUES = 2_000_000
/** PROTO 5 is the highest there is (PEP 574). */
const MAX_PROTOCOL = 5

export class Machine {
  readonly name: string
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #allowed: AllowedGlobals
  readonly #stack: PickleValue[] = []
  readonly #marks: number[] = []
  readonly #memo = new Map<number, PickleValue>()
  #values = 0
  at: number

  constructor(bytes: Uint8Array, start: number, name: string, allowed: AllowedGlobals) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#allowed = allowed
    this.name = name
    this.at = start
  }

  /** The next `length` bytes. */
  take(length: number): Uint8Array {
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }
  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }
  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }
  i32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }
  /** Inexact beyond 2^53, where it is larger than any pickle all the same. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  /** A two's complement integer of `length` bytes, as a number when exact. */
  long(length: number): number | bigint {
    const bytes = this.take(length)
    let value = 0n
    for (let index = length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!)
    value = BigInt.asIntN(Math.max(1, length * 8), value)
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value
  }

  text(length: number): string {
    return decodeText(this.take(length))
  }

  /** Text up to the next line feed, as GLOBAL has it. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.at)
    if (end === -1) throw this.#truncated()
    const text = this.text(end - this.at)
    this.at++
    return text
  }

  protocol(version: number): void {
    if (version > MAX_PROTOCOL)
      throw fail('pickle/opcode', `${this.name} uses pickle protocol ${version}; ${MAX_PROTOCOL} is the highest`, { version })
  }

  push(value: PickleValue): void {
    this.#values++
    if (this.#values > MAX_VALUES) throw fail('pickle/limit', `${this.name} makes more than ${MAX_VALUES} values; no checkpoint does`)
    this.#stack.push(value)
  }

  pop(): PickleValue {
    return this.popSome(1)[0]!
  }

  /** The `count` values on top, lowest first; never one from below the last mark. */
  popSome(count: number): PickleValue[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw this.#malformed('takes a value from an empty stack')
    return this.#stack.splice(this.#stack.length - count, count)
  }

  mark(): void {
    this.#values++
    if (this.#values > MAX_VALUES) throw fail('pickle/limit', `${this.name} makes more than ${MAX_VALUES} values; no checkpoint does`)
    this.#marks.push(this.#stack.length)
  }

  popToMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.#malformed('lacks a mark')
    return this.#stack.splice(mark)
  }

  append(items: readonly PickleValue[]): void {
    const target = this.#top<PickleSequence>('list', 'set')
    for (const item of items) target.items.push(item)
  }

  setItems(items: readonly PickleValue[]): void {
    if (items.length % 2 !== 0) throw this.#malformed('sets a key without a value')
    const target = this.#top<PickleDict>('dict')
    for (let index = 0; index < items.length; index += 2) target.pairs.push([items[index]!, items[index + 1]!])
  }

  remember(index: number): void {
    const top = this.#stack.at(-1)
    if (top === undefined) throw this.#malformed('remembers a value it does not have')
    this.#memo.set(index, top)
  }

  rememberNext(): void {
    this.remember(this.#memo.size)
  }

  recall(index: number): void {
    const value = this.#memo.get(index)
    if (value === undefined) throw this.#malformed(`recalls value ${index}, which it never remembered`)
    this.push(value)
  }

  global(module: string, name: string): void {
    const full = `${module}.${name}`
    if (!this.#allowed.has(full)) {
      throw fail('pickle/global', `${this.name} asks for ${full}, which is not needed for weights and is refused; nothing was run`, {
        global: full,
      })
    }
    this.push({ kind: 'global', name: full })
  }

  stackGlobal(): void {
    const [module, name] = this.popSome(2)
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#malformed('names a global by something else than text')
    this.global(module, name)
  }

  /** REDUCE and NEWOBJ: a dictionary, or a record of the call. */
  call(): void {
    const [callee, args] = this.popSome(2)
    if (kindOf(callee!) !== 'global' || kindOf(args!) !== 'tuple') throw this.#malformed('calls something that is no global with a tuple')
    const { name } = callee as { name: string }
    const { items } = args as PickleSequence
    if (this.#allowed.get(name) === 'record') this.push({ kind: 'call', callee: name, args: items })
    // OrderedDict(), or Python 2's OrderedDict([[key, value], …]).
    else this.push({ kind: 'dict', pairs: this.#pairsOf(items) })
  }

  /** Attributes set on an object: what state_dict hangs on its dictionary (`_metadata`), and hooks. None of it is weights. */
  build(): void {
    this.pop()
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#malformed('sets attributes on nothing')
  }

  /** The result at STOP. */
  result(): PickleValue {
    if (this.#marks.length > 0) throw this.#malformed('ends with an open mark')
    return this.pop()
  }

  #pairsOf(items: readonly PickleValue[]): [PickleValue, PickleValue][] {
    const [list] = items
    if (list === undefined) return []
    if (kindOf(list) !== 'list') throw this.#malformed('makes a dictionary of something else than pairs')
    return (list as PickleSequence).items.map((pair) => {
      const isPair = pair !== null && typeof pair === 'object' && 'items' in pair && pair.items.length === 2
      if (!isPair) throw this.#malformed('makes a dictionary of something else than pairs')
      return [pair.items[0]!, pair.items[1]!]
    })
  }

  #top<Kind extends PickleSequence | PickleDict>(...kinds: readonly Kind['kind'][]): Kind {
    const top = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.at(-1)! : null
    if (top !== null && typeof top === 'object' && 'kind' in top && (kinds as readonly string[]).includes(top.kind)) return top as Kind
    throw this.#malformed(`adds to ${kindOf(top)} as if it were a ${kinds[0]}`)
  }

  #advance(length: number): number {
    if (length > this.#bytes.length - this.at) throw this.#truncated()
    const start = this.at
    this.at += length
    return start
  }

  #truncated() {
    return fail('pickle/truncated', `${this.name} ends inside its pickle, at byte ${this.at}; the file is cut`, { at: this.at })
  }

  #malformed(what: string) {
    return fail('pickle/malformed', `${this.name} ${what}, at byte ${this.at}; it is damaged or no pickle`, { at: this.at })
  }
}
