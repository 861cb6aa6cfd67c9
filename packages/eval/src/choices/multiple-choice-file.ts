// The binary file of multiple-choice tasks that llama-perplexity --multiple-choice reads (tools/perplexity/perplexity.cpp): ARC, MMLU,
// TruthfulQA and others are published in it. Reading only; every count is held against the bytes there are before anything is made.
//
// u32 tasks · u32 offset of each task from the beginning of the file · tasks: question, answers with one right, answers with several right.
// A text is u32 bytes and UTF-8; answers are u32 count, texts, an i32 label for each (1 right). Little-endian.
import { evalError } from '../errors.ts'
import { drawSome } from './random-tasks.ts'

export type MultipleChoiceTask = {
  readonly question: string
  readonly answers: readonly { readonly text: string; readonly right: boolean }[]
}

/** llama.cpp's own limit. */
const MOST_ANSWERS = 100

/**
 * @param most at most so many: all in the order they lie in, or the ones llama-perplexity draws, found by their offsets
 * @throws FsError `eval/tasks-file` with the task and the offset
 */
export function readMultipleChoice(bytes: Uint8Array, file: string, most = Number.POSITIVE_INFINITY): readonly MultipleChoiceTask[] {
  const head = cursor(bytes, file, 'the head', 0)
  const count = head.u32()
  if (count === 0) throw evalError('eval/tasks-file', `${file} has no tasks`, { file })
  head.need(count * 4, `the offsets of ${count} tasks`)
  const offsets = Array.from({ length: count }, () => head.u32())
  if (most >= count) {
    const tasks: MultipleChoiceTask[] = []
    for (let index = 0, at = head.offset(); index < count; index++) {
      const reader = cursor(bytes, file, `task ${index + 1} of ${count}`, at)
      tasks.push(readTask(reader))
      at = reader.offset()
    }
    return tasks
  }
  return drawSome(count, most).map((index) => readTask(cursor(bytes, file, `task ${index + 1} of ${count}`, offsets[index]!)))
}

function readTask(reader: Cursor): MultipleChoiceTask {
  const question = reader.text()
  const answers = readAnswers(reader)
  // Several right answers: part of the file, measured by nobody yet.
  readAnswers(reader)
  if (question === '' || answers.length === 0) throw reader.refuse('has no question or no answers')
  if (answers.some(({ text }) => text === '')) throw reader.refuse('has an empty answer')
  return { question, answers }
}

function readAnswers(reader: Cursor): MultipleChoiceTask['answers'] {
  const count = reader.u32()
  if (count > MOST_ANSWERS) throw reader.refuse(`has ${count} answers, and at most ${MOST_ANSWERS} are read`)
  const texts = Array.from({ length: count }, () => reader.text())
  return texts.map((text) => ({ text, right: reader.u32() === 1 }))
}

type Cursor = ReturnType<typeof cursor>

function cursor(bytes: Uint8Array, file: string, what: string, start: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = start
  const refuse = (why: string) => evalError('eval/tasks-file', `${file}, ${what} at byte ${start}, ${why}`, { file, offset })
  const need = (length: number, name: string) => {
    if (length > bytes.length - offset) throw refuse(`is cut short: ${name} would end beyond the ${bytes.length} bytes of the file`)
  }
  const u32 = () => {
    need(4, 'a count')
    offset += 4
    return view.getUint32(offset - 4, true)
  }
  return {
    refuse,
    need,
    u32,
    offset: () => offset,
    text: () => {
      const length = u32()
      need(length, `a text of ${length} bytes`)
      offset += length
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(offset - length, offset))
      } catch (cause) {
        throw evalError('eval/tasks-file', `${file}, ${what}: the text at byte ${offset - length} is not UTF-8`, { file, offset }, cause)
      }
    },
  }
}
