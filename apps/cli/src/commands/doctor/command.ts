// `fartsovka doctor`: what is commonly wrong in a GGUF file, and its repair in place.
import { openModel } from '@fs/convert'
import { planGguf } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { memorySource } from '@fs/formats/bytes'
import { readGgufHeader } from '@fs/formats/gguf'
import type { CommandDefinition, CommonOptions } from '../../command.ts'
import { tokenizerOf } from '../../engine/text-model.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { type ModelOptions, resolveModel } from '../../resolve-model.ts'
import { rewriteMetadata } from '../../rewrite-metadata.ts'
import { printable } from '../../terminal/format.ts'
import { examine, type Source } from './examine.ts'
import { examineRecord } from './examine-record.ts'

type DoctorOptions = CommonOptions & ModelOptions & { readonly source?: string; readonly repair?: true }

export const doctorCommand: CommandDefinition = (program, run) => {
  program
    .command('doctor')
    .description('find what is commonly wrong in a GGUF file; exit code 3 when something is')
    .argument('<file>', 'a GGUF file')
    .option('--source <model>', 'what it was made from: its tokenizer and template are held against the file’s')
    .option('--repair', 'write what can be put right into the file')
    .option('--offline', 'use the local cache of the Hub only')
    .addHelpText('after', '\nExample:\n  fartsovka doctor model.gguf --source org/name --repair')
    .action((name: string, options: DoctorOptions) =>
      run(async (terminal) => {
        const source = options.source === undefined ? undefined : await resolveModel(options.source, options, terminal)
        try {
          const truth = source === undefined ? undefined : await sourceOf(source.checkpoint)
          const { checkpoint } = await resolveModel(name, options, terminal)
          try {
            if (checkpoint.container !== 'gguf') throw cliError('cli/usage', `${name} is no GGUF file`, { file: name })
            const found = [...examine(checkpoint, truth), ...(await examineRecord(checkpoint, terminal.signal))]
            const entries = new Map(found.flatMap(({ repair: put }) => [...put]))
            const repaired = options.repair && entries.size > 0 ? found.filter((finding) => finding.repair.size > 0) : []
            if (repaired.length > 0) {
              const { threads } = options
              await rewriteMetadata(checkpoint, new Map([...checkpoint.metadata!, ...entries]), {
                signal: terminal.signal,
                ...(threads === undefined ? {} : { threads }),
              })
            }
            const findings = found.map((finding) => ({
              code: finding.code,
              message: finding.message,
              repaired: repaired.includes(finding),
            }))
            const lines = findings.map(({ code, message, repaired: done }) => `${done ? 'repaired' : 'wrong'}  ${code}: ${message}`)
            terminal.out(
              options.json
                ? `${JSON.stringify({ file: name, findings })}\n`
                : printable(`${lines.join('\n') || `${name}: nothing wrong was found`}\n`),
            )
            return findings.every((finding) => finding.repaired) ? EXIT.done : EXIT.checkFailed
          } finally {
            await checkpoint.close()
          }
        } finally {
          await source?.checkpoint.close()
        }
      }),
    )
}

/** What a conversion of the source would write: planned, and read back from the plan's header. */
async function sourceOf(checkpoint: Checkpoint): Promise<Source> {
  const tokenizer = await tokenizerOf(checkpoint)
  if (checkpoint.metadata?.has('tokenizer.ggml.model')) return { tokenizer, metadata: checkpoint.metadata }
  const { plan } = await planGguf(await openModel(checkpoint), { quants: ['f16'], content: 'vocabulary', pathFor: () => 'vocabulary.gguf' })
  const [output] = plan.outputs
  const bytes = new Uint8Array(output!.size)
  for (const { offset, bytes: literal } of output!.literals) bytes.set(literal, offset)
  const { metadata } = await readGgufHeader(memorySource(bytes, 'vocabulary.gguf'), 'strict')
  return { tokenizer, metadata }
}
