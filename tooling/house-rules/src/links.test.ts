import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, ROOT, readText } from './workspace.ts'

const pages = listFiles('{*.md,docs/**/*.md,examples/**/*.md,packages/*/*.md,apps/*/*.md,tooling/*/*.md}')
const link = /\]\(([^)\s]+)\)|<img[^>]*\ssrc="([^"]+)"/g

test.each(pages)('%s links only to what exists', (page) => {
  const targets = [...readText(page).matchAll(link)].map(([, target, image]) => target ?? image ?? '')
  const local = targets.filter((target) => !/^([a-z]+:|#)/.test(target)).map((target) => decodeURI(target.split('#')[0] ?? ''))
  expect(local.filter((target) => !existsSync(ROOT + posix.join(posix.dirname(page), target)))).toEqual([])
})
