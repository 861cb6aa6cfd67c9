// Bundles on the command line: made, looked at, checked, and run by Google's own engine. Over the example, a trained model.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { EXAMPLE, shortExample, tell, terminalIn, useFolder } from '../test-support/terminal.test-support.ts'
import { findBundle } from './local-bundle.ts'

const isVerification = new Ajv2020().compile(
  JSON.parse(readFileSync(new URL('../../../../docs/schema/bundle-verification.schema.json', import.meta.url), 'utf8')),
)
const folder = useFolder()
const convert = (...parameters: string[]) => tell(folder.path, ['convert', EXAMPLE, '--to', 'litertlm', ...parameters])
const greedy = ['--greedy', '--max-tokens', '12', '--no-chat']

describe('convert --to litertlm', () => {
  test('makes {Model}-dynamic_int8.litertlm, and lets the engine check it', async () => {
    const { code, out, err } = await convert()
    expect(code).toBe(0)
    expect(readdirSync(folder.path)).toEqual(['shakespeare-llama-dynamic_int8.litertlm'])
    expect(out).toMatch(/shakespeare-llama-dynamic_int8\.litertlm {2}Llama dynamic_int8, 1\.\d MB/)
    expect(err).toMatch(/checked dynamic_int8: LiteRT-LM writes \d+\.\d % of the original’s next tokens/)
  })

  test('takes several quantizations, lengths, a cache, a name, a folder and settings', async () => {
    writeFileSync(folder.file('settings.json'), '{ "sampler": { "temperature": 0.5 }, "stop_tokens": [7] }')
    const { code, out } = await convert(
      ...['--quant', 'NONE,fp16', '--prefill-lengths', '4,16', '--kv-cache-max-len', '64', '--name', 'William', '-o', 'out'],
      ...['--metadata', 'settings.json', '--no-verify', '--json'],
    )
    expect(code).toBe(0)
    const sizes = JSON.parse(out).outputs.map(({ files: [{ size }] }: { files: [{ size: number }] }) => size)
    expect(sizes[0]).toBeGreaterThan(1.5 * sizes[1])
    expect(readdirSync(folder.file('out')).sort()).toEqual(['William-fp16.litertlm', 'William-none.litertlm'])
    const inspected = JSON.parse((await tell(folder.path, ['inspect', 'out/William-none.litertlm', '--json'])).out)
    expect(inspected).toMatchObject({
      container: 'litertlm',
      signatures: ['prefill_4', 'prefill_16', 'decode'],
      prefillLengths: [4, 16],
      cacheLength: 64,
      maxTokens: 64,
      layers: 2,
      stopTokens: [7],
      sampler: { temperature: 0.5 },
    })
  })

  test('--inline-weights puts them where older runtimes look, and the engine runs it', async () => {
    const { code, err } = await convert('--inline-weights', '--quant', 'none')
    expect(code).toBe(0)
    expect(err).toContain('checked none: LiteRT-LM writes 100.0 % of the original’s next tokens')
  })

  test('--dry-run says what would be written, and writes nothing', async () => {
    const { code, out } = await convert('--dry-run')
    expect([code, readdirSync(folder.path)]).toEqual([0, []])
    expect(out).toMatch(/layers\.0\.attention\.query\.weight +\[256, 256\] +int8/)
    expect(out).toMatch(/dynamic_int8: 1\.\d MB in .*shakespeare-llama-dynamic_int8\.litertlm/)
  })

  test('keeps what is there, unless --force', async () => {
    writeFileSync(folder.file('mine.litertlm'), 'mine')
    expect(await convert('-o', 'mine.litertlm', '--no-verify')).toMatchObject({ code: 1, err: expect.stringContaining('exists already') })
    expect(readFileSync(folder.file('mine.litertlm'), 'utf8')).toBe('mine')
    expect(await convert('-o', 'mine.litertlm', '--no-verify', '--force')).toMatchObject({ code: 0 })
  })

  test.each([
    [['--quant', 'q4_0'], 2, 'choose none, dynamic_int8'],
    [['--quant', 'none,fp16', '-o', 'one.litertlm'], 2, 'name a folder'],
    [['--precision', 'f16'], 2, 'means nothing for --to litertlm'],
    [['--to', 'gguf', '--inline-weights'], 2, '--inline-weights means nothing for --to gguf'],
    [['--prefill-lengths', '8,x'], 2, 'whole number'],
    [['--kv-cache-max-len', '0'], 2, 'whole number'],
    [['--metadata', 'wrong.json'], 1, 'sampler'],
    [['--metadata', 'broken.json'], 2, 'not valid JSON'],
  ])('%j is refused', async (parameters, code, words) => {
    writeFileSync(folder.file('wrong.json'), '{ "sampler": 5 }')
    writeFileSync(folder.file('broken.json'), '{')
    expect(await convert(...parameters)).toMatchObject({ code, err: expect.stringContaining(words) })
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.litertlm'))).toEqual([])
  })
})

describe('a bundle', () => {
  let bundle: Buffer
  beforeAll(async () => {
    const made = mkdtempSync(join(tmpdir(), 'bundle-'))
    await tell(made, ['convert', EXAMPLE, '--to', 'litertlm', '--quant', 'none', '-o', 'model.litertlm', '--no-verify'])
    bundle = readFileSync(join(made, 'model.litertlm'))
    rmSync(made, { recursive: true })
  })
  const put = () => writeFileSync(folder.file('model.litertlm'), bundle)

  test('is inspected: sections, settings, weights, template', async () => {
    put()
    const inspect = async (...parameters: string[]) => (await tell(folder.path, ['inspect', 'model.litertlm', ...parameters])).out
    expect(await inspect()).toMatch(/sampler +top-p, temperature 1, top-p 1, top-k 1, seed 0/)
    expect(await inspect()).toMatch(/tflite-model +\d+ +\d\.\d MB +model_type=tf_lite_prefill_decode/)
    expect(await inspect('--tensors')).toMatch(/float32 +\[1024, 256\]/)
    expect(JSON.parse(await inspect('--metadata'))).toMatchObject({ Authors: 'Fartsovka', model_type: 'generic', start_token: 1019 })
    expect(await inspect('--template')).toContain('{% for message in messages %}')
    const refused = await tell(folder.path, ['inspect', 'model.litertlm', '--values', 'x'])
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('for checkpoints') })
  })

  test('is validated, with every reason', async () => {
    put()
    const validate = () => tell(folder.path, ['validate', 'model.litertlm'])
    expect(await validate()).toMatchObject({ code: 0, out: expect.stringContaining('valid litertlm') })
    writeFileSync(folder.file('model.litertlm'), bundle.subarray(0, 100_000))
    expect(await validate()).toMatchObject({ code: 3, out: expect.stringContaining('(litertlm/truncated)') })
    const misaligned = Buffer.from(bundle)
    misaligned.writeUInt32LE(2, 8)
    writeFileSync(folder.file('model.litertlm'), misaligned)
    expect(await validate()).toMatchObject({ code: 3, out: expect.stringContaining('version 2') })
    writeFileSync(folder.file('model.litertlm'), 'nonsense')
    expect(await validate()).toMatchObject({ code: 3, out: expect.stringContaining('LITERTLM') })
  })

  test('is run by LiteRT-LM, and writes what ONNX Runtime writes from the original', async () => {
    put()
    const expected = (await tell(folder.path, ['run', EXAMPLE, 'ROMEO:', ...greedy])).out
    expect((await tell(folder.path, ['run', 'model.litertlm', 'ROMEO:', ...greedy])).out).toBe(expected)
    const json = JSON.parse((await tell(folder.path, ['run', 'model.litertlm', ...greedy, '--json'], { input: 'ROMEO:\n' })).out)
    expect(json).toEqual({ text: expected.slice(0, -1), engine: 'litert-lm', model: folder.file('model.litertlm') })
    writeFileSync(folder.file('prompts.txt'), 'ROMEO:\nJULIET:\n')
    expect((await tell(folder.path, ['run', 'model.litertlm', '--batch', 'prompts.txt', ...greedy])).out).toMatch(
      /^\[1\] [\s\S]*\n\n\[2\] /,
    )
    const drawn = ['run', 'model.litertlm', 'ROMEO:', '--no-chat', '--max-tokens', '8', '--temperature', '1.5', '--seed', '3']
    expect((await tell(folder.path, drawn)).out).toBe((await tell(folder.path, drawn)).out)
  })

  test('answers a chat, each line knowing those before', async () => {
    put()
    const chat = (input: string) => tell(folder.path, ['chat', 'model.litertlm', '--greedy', '--max-tokens', '8'], { input })
    const { code, out } = await chat('Hello\n\nAgain\n')
    expect(code).toBe(0)
    const first = (await chat('Hello\n')).out
    expect(out.startsWith(first)).toBe(true)
    expect(out.slice(first.length)).not.toBe((await chat('Again\n')).out)
  })

  test('goes on when a chat is longer than it holds, without the first questions', async () => {
    shortExample(folder.file('short'), 64)
    expect((await tell(folder.path, ['convert', 'short', '--to', 'litertlm', '-o', 'short.litertlm', '--no-verify'])).code).toBe(0)
    const input = 'Who is there?\nWhat news do you bring me from the king, my lord?\nSpeak again and speak louder.'
    const { code, out, err } = await tell(folder.path, ['chat', 'short.litertlm', '--greedy', '--max-tokens', '8', '--json'], { input })
    expect([code, JSON.parse(out).messages.length]).toEqual([0, 6])
    expect(err).toContain('(the model holds 64 tokens: from now on')
  })

  test('is verified against the original, and found out when it is another’s', async () => {
    put()
    const verify = (...parameters: string[]) => tell(folder.path, ['verify', 'model.litertlm', '--reference', EXAMPLE, ...parameters])
    const { code, out } = await verify('--json')
    expect([code, isVerification(JSON.parse(out)), isVerification.errors]).toEqual([0, true, null])
    expect(JSON.parse((await verify('--json', '--prompt', 'ROMEO:')).out)).toMatchObject({
      holds: true,
      agreement: 1,
      engine: 'litert-lm',
      prompts: [{ prompt: 'ROMEO:' }],
    })
    expect(await verify('--max-nmse', '1')).toMatchObject({ code: 2, err: expect.stringContaining('--max-nmse') })
    // Weights of the last layers are no longer where they were.
    const shifted = Buffer.from(bundle)
    shifted.copyWithin(3_000_000, 2_900_000, 4_500_000)
    writeFileSync(folder.file('model.litertlm'), shifted)
    expect(await verify()).toMatchObject({ code: 3, out: expect.stringMatching(/does NOT go on[\s\S]*instead of/) })
  })
})

describe('--engine litert-lm', () => {
  test('uses the bundle that was made here, by the model’s name or its folder', async () => {
    await convert('--no-verify')
    cpSync(EXAMPLE, folder.file('models/shakespeare-llama'), { recursive: true })
    for (const name of ['William/shakespeare-llama', 'models/shakespeare-llama', EXAMPLE]) {
      const { code, out } = await tell(folder.path, ['run', name, '--engine', 'litert-lm', 'ROMEO:', ...greedy])
      expect([code, out.length > 2]).toEqual([0, true])
    }
  })

  test('says how to make one where there is none', async () => {
    mkdirSync(folder.file('empty'))
    const { code, err } = await tell(join(folder.path, 'empty'), ['run', 'Qwen/Qwen3-0.6B', '--engine', 'litert-lm'], { input: 'Hi\n' })
    expect(code).toBe(1)
    expect(err).toContain('fartsovka convert Qwen/Qwen3-0.6B --to litertlm')
    expect(existsSync(folder.file('empty/Qwen3-0.6B'))).toBe(false)
    await expect(findBundle('Qwen/Qwen3-0.6B', terminalIn(folder.path).terminal)).rejects.toMatchObject({ code: 'cli/no-bundle' })
  })

  test.each([
    [['--min-p', '0.1'], 'has no --min-p'],
    [['--stop', 'x'], 'has no --stop'],
    [['--repeat-penalty', '1.1'], 'has no --repeat-penalty'],
    [['--no-chat', '--system', 'x'], '--system needs a chat'],
  ])('%j is refused', async (parameters, words) => {
    await convert('--quant', 'none', '--no-verify', '-o', 'a.litertlm')
    expect(await tell(folder.path, ['run', 'a.litertlm', 'Hi', ...parameters])).toMatchObject({
      code: 2,
      err: expect.stringContaining(words),
    })
  })

  test('is not for commands that need logits', async () => {
    writeFileSync(folder.file('text.txt'), 'x')
    const { code, err } = await tell(folder.path, ['perplexity', EXAMPLE, '--text', 'text.txt', '--engine', 'litert-lm'])
    expect([code, err]).toEqual([2, expect.stringContaining('for run and chat')])
  })
})
