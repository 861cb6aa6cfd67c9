import { fileSource } from './node/index.ts'
import { readPytorch } from './pytorch/index.ts'

for (const p of process.argv.slice(2)) {
  try {
    const f = await readPytorch(await fileSource(p))
    console.log(p, f.tensors, f.scalars)
    await f.close()
  } catch (e) {
    console.log(p, (e as any).code, (e as any).message, (e as any).code ? '' : (e as any).stack)
  }
}
