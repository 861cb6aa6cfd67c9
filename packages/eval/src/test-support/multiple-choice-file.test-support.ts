// Writes the binary file of multiple-choice tasks, for tests of its reader. The layout is told in `../choices/multiple-choice-file.ts`.
import type { MultipleChoiceTask } from '../choices/multiple-choice-file.ts'

/** @param several answers of which several are right, which a file has beside the others and nobody measures */
export function multipleChoiceFile(
  tasks: readonly MultipleChoiceTask[],
  several: MultipleChoiceTask['answers'] = [],
): Uint8Array<ArrayBuffer> {
  const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer)
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value)
    return [u32(bytes.length), bytes]
  }
  const answers = (list: MultipleChoiceTask['answers']) => [
    u32(list.length),
    ...list.flatMap((answer) => text(answer.text)),
    ...list.map(({ right }) => u32(right ? 1 : 0)),
  ]
  const written = tasks.map((task) => joined([...text(task.question), ...answers(task.answers), ...answers(several)]))
  let offset = 4 + 4 * written.length
  const offsets = written.map((bytes) => {
    offset += bytes.length
    return u32(offset - bytes.length)
  })
  return joined([u32(written.length), ...offsets, ...written])
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    all.set(part, offset)
    offset += part.length
  }
  return all
}
