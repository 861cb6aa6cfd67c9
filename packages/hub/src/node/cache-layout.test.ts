import { join, relative, sep } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blobNameOfEtag, refuseClashes, repositoryCache } from './cache-layout.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'
const cache = repositoryCache('/cache', 'org/name')
const refused = (code: string) => expect.objectContaining({ code })

test('everything of a repository lies in one folder', () => {
  expect(cache.folder).toBe('/cache/models--org--name')
  expect(cache.ref('refs/pr/1')).toBe('/cache/models--org--name/refs/refs/pr/1')
  expect(cache.pointer(commit, 'onnx/model.onnx')).toBe(`/cache/models--org--name/snapshots/${commit}/onnx/model.onnx`)
  expect(cache.tree(commit)).toBe(`/cache/models--org--name/trees/${commit}.json`)
  expect(cache.blob('abc')).toBe('/cache/models--org--name/blobs/abc')
  expect(cache.lock('abc')).toBe('/cache/.locks/models--org--name/abc.fartsovka.lock')
})

describe('what would lead elsewhere is refused', () => {
  test.each(['../x/y', 'org/../..', 'a/b/c', 'org'])('repository %j', (name) => {
    expect(() => repositoryCache('/cache', name)).toThrow(refused('hub/bad-id'))
  })
  test.each(['../main', '/main', 'a/../../b', 'C:main', 'nul', ''])('revision %j', (revision) => {
    expect(() => cache.ref(revision)).toThrow(refused('hub/bad-id'))
  })
  test.each(['main', '..', `${commit}/../../x`, ''])('commit %j', (text) => {
    expect(() => cache.snapshot(text)).toThrow(refused('hub/bad-answer'))
    expect(() => cache.tree(text)).toThrow(refused('hub/bad-answer'))
  })
  test.each(['../../../../etc/cron.d/x', '/etc/passwd', 'C:\\x', '\\\\host\\share', 'a\\..\\b', 'aux', 'a/b:c', 'x\0', 'a//b', 'dir/'])(
    'file %j',
    (name) => {
      expect(() => cache.pointer(commit, name)).toThrow(refused('hub/unsafe-name'))
    },
  )
  test.each(['../../x', 'a/b', 'a\\b', '..', '', '.hidden', 'x'.repeat(200), 'con', 'abc.incomplete', 'a b', 'a:b', 'x.'])(
    'blob %j',
    (name) => {
      expect(() => cache.blob(name)).toThrow(refused('hub/unsafe-name'))
      expect(() => cache.lock(name)).toThrow(refused('hub/unsafe-name'))
    },
  )
})

describe('ETags as file names', () => {
  test.each([
    ['"abc123"', 'abc123'],
    ['W/"abc123"', 'abc123'],
    ['abc-1_2', 'abc-1_2'],
    [' "x" ', 'x'],
  ])('%s', (etag, name) => expect(blobNameOfEtag(etag)).toBe(name))

  test.each(['"../../../x"', '""', '"a/b"', 'W/', '"nul"', '"a\u202eb"'])('%s is refused', (etag) => {
    expect(() => blobNameOfEtag(etag)).toThrow(refused('hub/unsafe-name'))
  })
})

test('no name and no ETag, however made, gives a path outside the repository’s folder', () => {
  const nasty = fc
    .array(fc.constantFrom('..', '/', '\\', 'C:', 'a', '.', '"', 'W/', '\0', ' ', 'con', '%2e', 'é'))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nasty), (text) => {
      for (const make of [
        (name: string) => cache.pointer(commit, name),
        (name: string) => join(cache.blobs, blobNameOfEtag(name)),
        (name: string) => cache.ref(name),
      ]) {
        let path: string
        try {
          path = make(text)
        } catch {
          continue
        }
        expect(relative(cache.folder, path).split(sep)[0]).toMatch(/^(snapshots|blobs|refs)$/)
      }
    }),
    { numRuns: 2000 },
  )
})

describe('names that cannot lie side by side', () => {
  test.each([[['a.json', 'A.json']], [['x/\u00e9.json', 'x/e\u0301.json']], [['a', 'a/b']], [['A/b/c', 'a/B']]])('%j', (names) => {
    expect(() => refuseClashes(names)).toThrow(refused('hub/unsafe-name'))
    expect(() => refuseClashes(names.toReversed())).toThrow(refused('hub/unsafe-name'))
  })

  test('others can', () => {
    expect(() => refuseClashes(['a/b', 'a/c', 'ab', 'a.json', 'a.json'])).not.toThrow()
  })
})
