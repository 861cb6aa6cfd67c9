// One verification from beginning to end: open both sides, run them one after the other, decide, and find the cause where it does not hold.
import { FsError } from '@fs/core'
import { type ComparedPrompt, findings, type Verification } from '@fs/eval'
import { cliError } from '../../errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { askReference, compareWith, type Expected, mostPositions, widthOf } from './compare.ts'
import { diagnose } from './diagnose.ts'
import { defaultLimit } from './limit.ts'
import { checkMemory, memoryHere } from './memory.ts'
import { type Prompt, promptsOf } from './prompts.ts'
import { type RunningSide, runSide } from './run-side.ts'
import { type Runners, runnerName, runnersOf } from './runners.ts'
import { closeSide, openSide, type Side, savedSide } from './sides.ts'
import { verifyWeights } from './weights-only.ts'

export type VerifyRequest = {
  readonly candidate: string
  readonly reference: string
  readonly engine: string
  readonly prompts: readonly string[]
  readonly maxNmse?: number
  /** Compare every weight even where the results agree. */
  readonly weights?: true
  /** Compare weights and run nothing. */
  readonly weightsOnly?: true
  readonly embeddings?: true
  readonly threads?: number
  readonly revision?: string
  readonly offline?: true
  readonly quiet?: true
}

/** Room for the longest built-in prompt, which ends a little beyond 4096 tokens. */
const CONTEXT_LENGTH = 4200

/** Errors that say something about a model's files, rather than about how the command was called. */
const ABOUT_THE_MODEL = /^(gguf|safetensors|formats|pickle|pytorch|arch|convert|onnx|runtime|tokenizer|json|quant|checkpoint)\//

/** @throws FsError when the reference cannot be opened, or the candidate is not there */
export async function verify(request: VerifyRequest, terminal: Terminal): Promise<Verification> {
  const { candidate: candidateName, reference: referenceName, engine } = request
  const reference = await openEither(referenceName, request, terminal)
  try {
    if (reference.kind === 'exported') {
      throw cliError(
        'cli/usage',
        `${referenceName} is an ONNX export; compare it as the candidate with --reference and what it was made from`,
        {},
      )
    }
    const begun = {
      candidate: candidateName,
      reference: referenceName,
      measured: reference.kind === 'saved' ? 'logits' : reference.measured,
    } as const
    const candidate = await orUnreadable(openEither(candidateName, request, terminal))
    if (FsError.is(candidate)) return { ...begun, engine, ...unreadable(candidate) }
    try {
      if (request.weightsOnly) return { ...begun, engine: 'none', ...(await verifyWeights(reference, candidate, terminal.signal)) }
      const runners = await runnersOf(engine, reference, candidate, terminal)
      checkMemory({ reference, candidate, runners }, memoryHere())
      const named = { engine: runnerName(runners.candidate), referenceEngine: runnerName(runners.reference) }
      return { ...begun, ...named, ...(await verifySides({ reference, candidate, runners }, request, terminal)) }
    } finally {
      await closeSide(candidate)
    }
  } finally {
    await closeSide(reference)
  }
}

async function openEither(name: string, { embeddings, revision, offline, quiet }: VerifyRequest, terminal: Terminal): Promise<Side> {
  const options = {
    ...(embeddings ? { embeddings } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(offline ? { offline } : {}),
    ...(quiet ? { quiet } : {}),
  }
  return savedSide(name, terminal) ?? openSide(name, options, terminal)
}

/** What went wrong, where that is the candidate's own doing. */
async function orUnreadable<T>(opening: Promise<T>): Promise<T | FsError> {
  try {
    return await opening
  } catch (error) {
    if (!FsError.is(error) || !ABOUT_THE_MODEL.test(error.code)) throw error
    return error
  }
}

type Outcome = Pick<Verification, 'holds' | 'reasons' | 'maxNmse' | 'prompts' | 'diagnosis'>

function unreadable({ message }: FsError): Outcome {
  return { holds: false, reasons: [`the candidate cannot be opened: ${message}`], maxNmse: null, prompts: [] }
}

type Sides = { readonly reference: Side; readonly candidate: Side; readonly runners: Runners }

async function verifySides(sides: Sides, request: VerifyRequest, terminal: Terminal): Promise<Outcome> {
  const { reference, candidate, runners } = sides
  const maxNmse = request.maxNmse ?? defaultLimit(reference, candidate)
  const width = widthOf(reference, candidate)
  const mismatch = [shapeMismatch(reference, candidate, width)].filter((reason) => reason !== undefined)
  if (mismatch.length > 0) return { holds: false, reasons: mismatch, maxNmse, prompts: [] }
  const measured = reference.kind === 'saved' ? 'logits' : reference.measured
  const prompts = promptsOf(reference, candidate, request.prompts)
  const most = mostPositions([reference, candidate], width, prompts.length)
  const options = { contextLength: CONTEXT_LENGTH, width, ...(request.threads === undefined ? {} : { threads: request.threads }) }
  const asked = await runSide(reference, runners.reference, options, terminal)
  const expected = await inTurn(asked, prompts, terminal, (side, prompt) => askReference(side, prompt, most))
  const running = await orUnreadable(runSide(candidate, runners.candidate, options, terminal))
  if (FsError.is(running)) return unreadable(running)
  const outcomes = await inTurn(running, expected, terminal, (side, said) => orReason(compareWith(said, side, { width, measured }), said))
  const compared = outcomes.filter((outcome) => typeof outcome !== 'string')
  const reasons = outcomes.flatMap((outcome) => (typeof outcome === 'string' ? [outcome] : reasonsOf(outcome, maxNmse)))
  // An export shows no weights of its own that could be compared one by one.
  if (reference.kind !== 'model' || candidate.kind !== 'model' || (reasons.length === 0 && !request.weights))
    return { holds: reasons.length === 0, reasons, maxNmse, prompts: compared }
  const tokens = reference.tokenizer.encode(worstText(prompts, compared), { addSpecialTokens: true })
  const diagnosis = await diagnose(reference, candidate, tokens, { ...options, signal: terminal.signal })
  const damaged = diagnosis.weights.some(({ departs }) => departs)
  const holds = reasons.length === 0 && !damaged
  return { holds, reasons: holds ? [] : [...reasons, ...findings(diagnosis, maxNmse)], maxNmse, prompts: compared, diagnosis }
}

function shapeMismatch(reference: Side, candidate: Side, width: number): string | undefined {
  if (reference.kind !== 'saved' && candidate.kind !== 'saved') {
    const what = candidate.measured === 'logits' ? 'tokens' : 'numbers in a vector'
    return reference.width === candidate.width
      ? undefined
      : `the candidate has ${candidate.width} ${what} and the reference ${reference.width}`
  }
  const odd = [reference, candidate].find((side) => side.kind === 'saved' && side.set.logits.length % width !== 0)
  return odd?.kind === 'saved' ? `${odd.name} has ${odd.set.logits.length} logits, and the other side rows of ${width}` : undefined
}

/** Asks a side one thing after the other, and stops it. */
async function inTurn<Item, Answer>(
  side: RunningSide,
  items: readonly Item[],
  terminal: Terminal,
  ask: (side: RunningSide, item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  try {
    const answers: Answer[] = []
    for (const item of items) {
      terminal.signal.throwIfAborted()
      answers.push(await ask(side, item))
    }
    return answers
  } finally {
    await side.stop()
  }
}

/** A candidate that cannot answer does not hold; a prompt that is too long says nothing about it. */
async function orReason(comparing: Promise<ComparedPrompt>, { prompt }: Expected): Promise<ComparedPrompt | string> {
  try {
    return await comparing
  } catch (error) {
    if (!FsError.is(error) || !/^(runtime|eval)\//.test(error.code) || error.code === 'runtime/context-overflow') throw error
    return `${quoted(prompt.prompt)}: ${error.message}`
  }
}

function reasonsOf({ prompt, firstDifferentToken, nmse }: ComparedPrompt, maxNmse: number): readonly string[] {
  return [
    ...(firstDifferentToken === null ? [] : [`${quoted(prompt)}: the tokenizers differ from token ${firstDifferentToken} on`]),
    ...(nmse <= maxNmse ? [] : [`${quoted(prompt)}: NMSE ${nmse.toExponential(2)} is above ${maxNmse.toExponential(0)}`]),
  ]
}

function quoted(prompt: string): string {
  return JSON.stringify(prompt.length > 60 ? `${prompt.slice(0, 60)}…` : prompt)
}

/** Of the prompt that differed most. */
function worstText(prompts: readonly Prompt[], compared: readonly ComparedPrompt[]): string {
  const worst = compared.reduce((most, { nmse }, index) => (nmse > compared[most]!.nmse ? index : most), 0)
  return prompts.find(({ prompt }) => prompt === compared[worst]?.prompt)?.text ?? prompts[0]!.text
}
