// What `--dry-run` prints: every tensor with its types, every file with its size, and what would be said on the way.
import type { BudgetPlan } from '@fs/convert/measure'
import type { GgufPlan } from '@fs/convert/plan'
import type { CommonOptions } from '../../command.ts'
import { budgetResult } from '../../recipe/budget.ts'
import { formatBytes, formatTable, printable } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'

/** The plan for people, or as one JSON document. */
export function showPlan(planned: GgufPlan, budget: BudgetPlan | undefined, options: CommonOptions, terminal: Terminal): void {
  if (options.json) terminal.out(`${JSON.stringify({ ...planJson(planned), ...budgetResult(budget) }, null, 2)}\n`)
  else terminal.out(`${planText(planned)}\n`)
}

function planJson({ plan, outputs, notices }: GgufPlan) {
  return {
    sources: plan.sources.map(({ name, size }) => ({ name, size })),
    outputs,
    tensors: plan.jobs.map((job) => ({
      name: job.tensor,
      shape: job.shape,
      from: job.inputs.map((input) => ({ tensor: input.tensor, type: input.type })),
      transforms: job.chain,
      to: job.targets.map(({ output, type, offset, byteLength }) => ({ file: plan.outputs[output]!.path, type, offset, byteLength })),
    })),
    notices,
  }
}

function planText({ plan, outputs }: GgufPlan): string {
  const rows = plan.jobs.map((job) => [
    job.tensor,
    `[${job.shape.join(', ')}]`,
    [...new Set(job.inputs.map((input) => input.type))].join('+'),
    job.targets.map((target) => target.type).join(', '),
    formatBytes(job.targets.reduce((sum, target) => sum + target.byteLength, 0)),
  ])
  const files = outputs.flatMap(({ type, paths, size }) => [
    `${type}: ${formatBytes(size)} in ${paths.length === 1 ? paths[0] : `${paths.length} files from ${paths[0]}`}`,
  ])
  return printable(`${formatTable([['tensor', 'shape', 'from', 'to', 'size'], ...rows], new Set([4]))}\n\n${files.join('\n')}`)
}
