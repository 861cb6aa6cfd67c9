import { posix, win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { unsafePathReason } from './relative-path.ts'

describe('names that may be joined to a folder', () => {
  test.each([
    'config.json',
    'model-00001-of-00002.safetensors',
    'onnx/model.onnx_data',
    '.gitattributes',
    '1_Pooling/config.json',
    'a..b',
    'console.txt',
    'компот.json',
    'com10.txt',
  ])('%s', (name) => expect(unsafePathReason(name)).toBeUndefined())
})

describe('names that leave the folder, or would on another system', () => {
  test.each([
    ['', 'is empty'],
    ['/etc/passwd', 'is absolute'],
    ['\\\\host\\share\\x', 'is absolute'],
    ['C:\\Windows\\x', 'is absolute'],
    ['c:x', 'is absolute'],
    ['..', 'has a part `..`'],
    ['a/../../b', 'has a part `..`'],
    ['a/./b', 'has a part `.`'],
    ['a//b', 'has an empty part'],
    ['a/', 'has an empty part'],
    ['a\\..\\..\\b', 'has a character'],
    ['a/c:b', 'has a character'],
    ['file.txt::$DATA', 'has a character'],
    ['a\0b', 'has a character'],
    ['a\nb', 'has a character'],
    ['what?', 'has a character'],
    ['a/b.', 'has a part that ends in a dot or a space'],
    ['.../x', 'has a part that ends in a dot or a space'],
    ['x ', 'has a part that ends in a dot or a space'],
    ['nul', 'has a part that Windows takes for a device'],
    ['a/Aux.json', 'has a part that Windows takes for a device'],
    ['COM1.tar.gz', 'has a part that Windows takes for a device'],
    ['lpt\u00b9', 'has a part that Windows takes for a device'],
    ['x'.repeat(256), 'has a part longer than 255 bytes'],
    ['ё'.repeat(128), 'has a part longer than 255 bytes'],
    ['x/'.repeat(1100), 'is longer than 2048 bytes'],
    ['\ud800.bin', 'is not valid Unicode'],
  ])('%j %s', (name, reason) => expect(unsafePathReason(name)).toContain(reason))
})

test('an accepted name stays inside whatever it is joined to, by the rules of both systems', () => {
  const pieces = fc.constantFrom('..', '.', '', 'a', 'C:', '\\', '/', '//', 'nul', 'con.txt', '\0', ' ', 'é', '~', '$x', '%2e%2e')
  const names = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(names, (name) => {
      if (unsafePathReason(name) !== undefined) return
      for (const [rules, base] of [[posix, '/base/folder'] as const, [win32, 'C:\\base\\folder'] as const]) {
        const way = rules.relative(base, rules.resolve(base, name))
        expect(way === '' || way.split(rules.sep)[0] === '..' || rules.isAbsolute(way)).toBe(false)
        expect(way.split(rules.sep)).toHaveLength(name.split('/').length)
      }
    }),
    { numRuns: 2000 },
  )
})
