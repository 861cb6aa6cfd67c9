// Reads one pickle out of bytes as inert data: it executes nothing, imports nothing, and refuses by name what is not on the lists.
import { fail } from '../errors.ts'
import { type AllowedGlobals, Machine } from './machine.ts'
import { OPCODES, REFUSED_OPCODES, STOP } from './opcodes.ts'
import type { PickleValue } from './values.ts'

/**
 * Runs the pickle that starts at `start` up to its STOP.
 * @param name what messages call the file
 * @param allowed the only globals that may be named
 * @returns the value, and where the bytes behind the pickle start
 * @throws FsError pickle/truncated, pickle/opcode, pickle/global, pickle/malformed, pickle/limit
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  name: string,
  allowed: AllowedGlobals,
): { readonly value: PickleValue; readonly end: number } {
  const machine = new Machine(bytes, start, name, allowed)
  for (;;) {
    const code = machine.u8()
    if (code === STOP) return { value: machine.result(), end: machine.at }
    const opcode = OPCODES.get(code)
    if (opcode === undefined) {
      const refused = REFUSED_OPCODES.get(code) ?? `0x${code.toString(16).padStart(2, '0')}`
      const message = `${name} uses the pickle instruction ${refused} at byte ${machine.at - 1}, which weights do not need; nothing was run`
      throw fail('pickle/opcode', message, { opcode: refused, at: machine.at - 1 })
    }
    opcode.run(machine)
  }
}
