// The pickle opcodes that are understood: those torch.save writes (protocols 2 to 5). Any other is refused by name.
// Opcodes and their meanings: Lib/pickletools.py of Python.
import type { Machine } from './machine.ts'

type Opcode = { readonly name: string; readonly run: (machine: Machine) => void }

/** By opcode byte. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  [0x80, { name: 'PROTO', run: (m) => m.protocol(m.u8()) }],
  [0x95, { name: 'FRAME', run: (m) => void m.take(8) }],
  [0x28, { name: 'MARK', run: (m) => m.mark() }],
  [0x30, { name: 'POP', run: (m) => void m.pop() }],

  [0x4e, { name: 'NONE', run: (m) => m.push(null) }],
  [0x88, { name: 'NEWTRUE', run: (m) => m.push(true) }],
  [0x89, { name: 'NEWFALSE', run: (m) => m.push(false) }],
  [0x4b, { name: 'BININT1', run: (m) => m.push(m.u8()) }],
  [0x4d, { name: 'BININT2', run: (m) => m.push(m.u16()) }],
  [0x4a, { name: 'BININT', run: (m) => m.push(m.i32()) }],
  [0x8a, { name: 'LONG1', run: (m) => m.push(m.long(m.u8())) }],
  [0x47, { name: 'BINFLOAT', run: (m) => m.push(m.f64()) }],
  [0x58, { name: 'BINUNICODE', run: (m) => m.push(m.text(m.u32())) }],
  [0x8c, { name: 'SHORT_BINUNICODE', run: (m) => m.push(m.text(m.u8())) }],
  [0x8d, { name: 'BINUNICODE8', run: (m) => m.push(m.text(m.u64())) }],
  // Python 2 wrote its strings with these two.
  [0x54, { name: 'BINSTRING', run: (m) => m.push(m.text(m.u32())) }],
  [0x55, { name: 'SHORT_BINSTRING', run: (m) => m.push(m.text(m.u8())) }],
  [0x42, { name: 'BINBYTES', run: (m) => m.push(m.take(m.u32())) }],
  [0x43, { name: 'SHORT_BINBYTES', run: (m) => m.push(m.take(m.u8())) }],

  [0x29, { name: 'EMPTY_TUPLE', run: (m) => m.push({ kind: 'tuple', items: [] }) }],
  [0x85, { name: 'TUPLE1', run: (m) => m.push({ kind: 'tuple', items: m.popSome(1) }) }],
  [0x86, { name: 'TUPLE2', run: (m) => m.push({ kind: 'tuple', items: m.popSome(2) }) }],
  [0x87, { name: 'TUPLE3', run: (m) => m.push({ kind: 'tuple', items: m.popSome(3) }) }],
  [0x74, { name: 'TUPLE', run: (m) => m.push({ kind: 'tuple', items: m.popToMark() }) }],
  [0x5d, { name: 'EMPTY_LIST', run: (m) => m.push({ kind: 'list', items: [] }) }],
  [0x6c, { name: 'LIST', run: (m) => m.push({ kind: 'list', items: m.popToMark() }) }],
  [0x61, { name: 'APPEND', run: (m) => m.append(m.popSome(1)) }],
  [0x65, { name: 'APPENDS', run: (m) => m.append(m.popToMark()) }],
  [0x8f, { name: 'EMPTY_SET', run: (m) => m.push({ kind: 'set', items: [] }) }],
  [0x90, { name: 'ADDITEMS', run: (m) => m.append(m.popToMark()) }],
  [0x7d, { name: 'EMPTY_DICT', run: (m) => m.push({ kind: 'dict', pairs: [] }) }],
  [0x73, { name: 'SETITEM', run: (m) => m.setItems(m.popSome(2)) }],
  [0x75, { name: 'SETITEMS', run: (m) => m.setItems(m.popToMark()) }],

  [0x71, { name: 'BINPUT', run: (m) => m.remember(m.u8()) }],
  [0x72, { name: 'LONG_BINPUT', run: (m) => m.remember(m.u32()) }],
  [0x94, { name: 'MEMOIZE', run: (m) => m.rememberNext() }],
  [0x68, { name: 'BINGET', run: (m) => m.recall(m.u8()) }],
  [0x6a, { name: 'LONG_BINGET', run: (m) => m.recall(m.u32()) }],

  [0x63, { name: 'GLOBAL', run: (m) => m.global(m.line(), m.line()) }],
  [0x93, { name: 'STACK_GLOBAL', run: (m) => m.stackGlobal() }],
  [0x51, { name: 'BINPERSID', run: (m) => m.push({ kind: 'persistent', id: m.pop() }) }],
  [0x52, { name: 'REDUCE', run: (m) => m.call() }],
  [0x81, { name: 'NEWOBJ', run: (m) => m.call() }],
  [0x62, { name: 'BUILD', run: (m) => m.build() }],
])

export const STOP = 0x2e

/** Names of the opcodes left out, for the message that refuses them. */
export const REFUSED_OPCODES: ReadonlyMap<number, string> = new Map([
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x92, 'NEWOBJ_EX'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x50, 'PERSID'],
  [0x49, 'INT'],
  [0x4c, 'LONG'],
  [0x46, 'FLOAT'],
  [0x53, 'STRING'],
  [0x56, 'UNICODE'],
  [0x64, 'DICT'],
  [0x31, 'POP_MARK'],
  [0x32, 'DUP'],
  [0x70, 'PUT'],
  [0x67, 'GET'],
  [0x8b, 'LONG4'],
  [0x8e, 'BINBYTES8'],
  [0x91, 'FROZENSET'],
  [0x96, 'BYTEARRAY8'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
])
