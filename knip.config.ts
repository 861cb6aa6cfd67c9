// What knip looks for: files, exports and dependencies that nothing uses.
// Entries come from each package.json (its exports, bin and scripts) and from vitest; only what it cannot know stands here.
import type { KnipConfig } from 'knip'

const config: KnipConfig = {
  workspaces: {
    '.': { entry: ['.ci/*.mjs'] },
    // AssemblyScript, which its own compiler reads.
    'packages/quant': { entry: ['scripts/*.ts'], ignore: ['assembly/**'] },
    // Started as threads, by a path that ends in .ts or .js.
    'packages/chat-format': { entry: ['src/node/thread-main.ts'] },
    'packages/convert': { entry: ['src/node/worker.ts'] },
    // The fuzzer without a budget, run by hand.
    'packages/formats': { entry: ['src/fuzz/main.ts'] },
    // Found as a file and loaded without its types, which would change those of `Float32Array` for the whole repository.
    'tooling/arch-conformance': { ignoreDependencies: ['@litertjs/core'] },
    // Contenders of the benchmark, each a process of its own.
    'tooling/bench': { entry: ['src/run/{fartsovka,llama-cpp}.ts'] },
    'tooling/checks': { entry: ['src/*.ts'] },
  },
  ignoreExportsUsedInFile: { type: true },
  ignoreIssues: {
    // Tables of codes, for pages that list them.
    '{packages,apps}/*/src/errors.ts': ['exports'],
    // Generated whole.
    'packages/onnx/src/proto/onnx_pb.ts': ['exports', 'types'],
  },
  // A full disk is made by root, and that test skips elsewhere.
  ignoreBinaries: ['mount', 'umount'],
  exclude: ['catalog'],
}

export default config
