// `fartsovka perplexity --hellaswag`: llama-perplexity's lines for tasks with four endings. Tasks are taken in the file's order.
import { hellaswagLine, measureHellaswag, parseHellaswag } from '@fs/eval'
import { EXIT, type ExitCode } from '../../exit-codes.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { type MeasuredModel, type MeasureOptions, readText, type TextOptions } from './measured-model.ts'

export async function hellaswag(model: MeasuredModel, options: MeasureOptions & TextOptions, terminal: Terminal): Promise<ExitCode> {
  const tasks = parseHellaswag(readText(options.text, terminal), options.text!).slice(0, options.chunks)
  const measured = await measureHellaswag(model.language, tasks, {
    encode: (text) => model.tokenizer.encode(text, { addSpecialTokens: true }),
    signal: terminal.signal,
    onTask: (sofar) => options.quiet || terminal.err(`${hellaswagLine(sofar)}\n`),
  })
  terminal.out(options.json ? `${JSON.stringify({ text: options.text, ...measured })}\n` : `${hellaswagLine(measured)}\n`)
  return EXIT.done
}
