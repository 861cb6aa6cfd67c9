// `--fit` and `--bits`: plans within a budget, and tells what was chosen and why.
import { type Budget, type BudgetPlan, planWithinBudget } from '@fs/convert/measure'
import type { GgufPlan, TypeOptions } from '@fs/convert/plan'
import type { Checkpoint } from '@fs/core'
import { wasmRowCodec } from '@fs/quant/wasm'
import type { CommonOptions } from '../command.ts'
import { formatBytes, formatTable, printable } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { RequestedTypes } from './requested-types.ts'

/** @param named the file's name where it is not called after a type */
type MakePlan = (quants: readonly string[], types: TypeOptions, named?: string) => GgufPlan | Promise<GgufPlan>

type Planned = { readonly planned: GgufPlan; readonly budget?: BudgetPlan }

/** The plan for the types asked for, or the one that a budget allows. @throws FsError `recipe/budget`, and what planning and reading throw */
export async function planTypes(
  { checkpoint }: { readonly checkpoint: Checkpoint },
  { names, types, budget }: RequestedTypes,
  makePlan: MakePlan,
  options: CommonOptions,
  terminal: Terminal,
): Promise<Planned> {
  if (budget === undefined) return { planned: await makePlan(names, types) }
  const plan = (quant: string, chosen: TypeOptions) => makePlan([quant], chosen, names[0])
  const made = await measured(checkpoint, { budget, types, plan }, options, terminal)
  // Standard output belongs to the dry run and to JSON.
  if (!options.quiet && !options.json) terminal.err(`${budgetText(made)}\n`)
  return { planned: made.planned, budget: made }
}

type BudgetInput = {
  readonly budget: Budget
  readonly types: TypeOptions
  readonly plan: (quant: string, types: TypeOptions) => GgufPlan | Promise<GgufPlan>
}

async function measured(checkpoint: Checkpoint, input: BudgetInput, options: CommonOptions, terminal: Terminal): Promise<BudgetPlan> {
  const codec = await wasmRowCodec()
  let told = 0
  const onProgress = (measured: number, tensors: number) => {
    terminal.signal.throwIfAborted()
    const tenth = Math.floor((10 * measured) / tensors)
    if (tenth > told && !options.quiet) terminal.err(`measuring ${tensors} tensors ${tenth * 10} %\n`)
    told = Math.max(told, tenth)
  }
  try {
    return await planWithinBudget({ ...input, sources: checkpoint.tensors.files, codec, onProgress })
  } finally {
    codec.dispose()
  }
}

type BudgetResult = { readonly bitsPerWeight: number } & Pick<BudgetPlan, 'choices' | 'recipe'>

/** What `--json` says of it: the choices with their figures, and a recipe that makes the same file without measuring. */
export function budgetResult(made: BudgetPlan | undefined): { readonly budget?: BudgetResult } {
  if (made === undefined) return {}
  const { bits, choices, recipe } = made
  return { budget: { bitsPerWeight: bits, choices, recipe } }
}

function budgetText({ bits, choices }: BudgetPlan): string {
  const rows = choices.map(({ name, chosen, next, sensitivity }) => {
    const noise = (error: number) => percent(error / sensitivity)
    const cells = [name, chosen.type, formatBytes(chosen.bytes), noise(chosen.error), String(sensitivity)]
    if (next === undefined) return [...cells, 'nothing better', '', '']
    const [bytes, gain] = [next.bytes - chosen.bytes, chosen.error - next.error]
    return [...cells, next.type, `${noise(gain)} for ${formatBytes(bytes)}`, `${((1e8 * gain) / bytes).toPrecision(2)} %/MB`]
  })
  const heading = ['tensor', 'type', 'size', 'noise', 'weight', 'next', 'would save', 'worth']
  const table = formatTable([heading, ...rows], new Set([2, 3, 4, 6, 7]))
  return printable(`${table}\n\n${choices.length} tensors chosen: ${bits.toFixed(3)} bits a weight.\n${WHY}\n`)
}

const WHY = `Noise is squared error over squared weights, measured on a sample of rows, by importance where there is a matrix; weight is how much
noise there moves what a model says. Steps to larger types were taken in the order of what they are worth, while there was room;
"next" is the first step not taken.`

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`
}
