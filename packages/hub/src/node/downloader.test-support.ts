// A process that downloads and may be killed: `node downloader.test-support.ts '{"endpoint": …, "cacheFolder": …}'`.
// It prints one line per event, so that a test can kill it at a chosen moment.
import { selectModel } from '../select.ts'
import { MODEL, QUICK } from './scene-constants.test-support.ts'
import { downloadSnapshot } from './snapshot.ts'

const { endpoint, cacheFolder } = JSON.parse(process.argv[2] ?? '') as { endpoint: string; cacheFolder: string }
await downloadSnapshot({
  repository: MODEL,
  files: selectModel(),
  access: { endpoint, patience: { ...QUICK, silence: 5_000 } },
  cacheFolder,
  onProgress: (event) => console.log(JSON.stringify(event)),
})
console.log('{"kind":"end"}')
