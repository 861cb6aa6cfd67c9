// What knip looks for: files, exports and dependencies that nothing uses.
// Entries come from each package.json (its exports, bin and scripts) and from vitest; only what it cannot know stands here.
import { globSync, readFileSync } from 'node:fs'
import type { KnipConfig } from 'knip'

const unwritten = globSync('{packages,apps}/*/src/{index,main}.ts')
  .filter((path) => readFileSync(path, 'utf8').startsWith('// Filled by the first commit'))
  .map((path) => path.split('/src/')[0] ?? '')

const config: KnipConfig = {
  ignoreWorkspaces: [...unwritten, ...globSync('apps/*').filter((folder) => globSync(`${folder}/src/*.ts`).length === 0)],
  workspaces: {
    '.': { entry: ['.ci/*.mjs'] },
    // AssemblyScript, which its own compiler reads.
    'packages/quant': { entry: ['scripts/*.ts'], ignore: ['assembly/**'] },
    'tooling/checks': { entry: ['src/*.ts'] },
  },
  ignoreExportsUsedInFile: { type: true },
  exclude: ['catalog'],
}

export default config
