// One verification from beginning to end: open both sides, compare, decide, and find the cause where it does not hold.
import { FsError } from '@fs/core'
import { type ComparedPrompt, findings, type Verification } from '@fs/eval'
import { engineNamed } from '../../engine/engines.ts'
import { cliError } from '../../errors.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { builtInPrompts, comparePrompt, type Prompt } from './compare.ts'
import { diagnose } from './diagnose.ts'
import { defaultLimit } from './limit.ts'
import { type ModelSide, openSide, type SavedSide, type SideOptions, savedSide } from './sides.ts'

export type VerifyRequest = {
  readonly candidate: string
  readonly reference: string
  readonly engine: string
  readonly prompts: readonly string[]
  readonly maxNmse?: number
  /** Compare every weight even where the results agree. */
  readonly weights?: true
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
  const engine = engineNamed(request.engine)
  const shared: Omit<SideOptions, 'engine' | 'contextLength'> = {
    ...(request.embeddings ? { embeddings: true } : {}),
    ...(request.threads === undefined ? {} : { threads: request.threads }),
    ...(request.revision === undefined ? {} : { revision: request.revision }),
    ...(request.offline ? { offline: true } : {}),
    ...(request.quiet ? { quiet: true } : {}),
  }
  const reference =
    savedSide(request.reference, terminal) ??
    (await openSide(request.reference, { ...shared, engine: 'ort', contextLength: CONTEXT_LENGTH }, terminal))
  try {
    const begun = { candidate: request.candidate, reference: request.reference, engine, measured: measuredOf(reference) }
    let candidate: ModelSide
    try {
      candidate = await openSide(request.candidate, { ...shared, engine, contextLength: CONTEXT_LENGTH }, terminal)
    } catch (error) {
      if (!FsError.is(error) || !ABOUT_THE_MODEL.test(error.code)) throw error
      return { ...begun, holds: false, reasons: [`the candidate cannot be opened: ${error.message}`], maxNmse: null, prompts: [] }
    }
    try {
      return { ...begun, ...(await verifySides(reference, candidate, request, terminal)) }
    } finally {
      await candidate.close()
    }
  } finally {
    if (reference.kind === 'model') await reference.close()
  }
}

const measuredOf = (side: ModelSide | SavedSide) => (side.kind === 'saved' ? 'logits' : side.measured)

type Outcome = Pick<Verification, 'holds' | 'reasons' | 'maxNmse' | 'prompts' | 'diagnosis'>

async function verifySides(
  reference: ModelSide | SavedSide,
  candidate: ModelSide,
  request: VerifyRequest,
  terminal: Terminal,
): Promise<Outcome> {
  const maxNmse = request.maxNmse ?? defaultLimit(reference, candidate)
  const widths = reference.kind === 'saved' ? [] : [reference.width, candidate.width]
  if (widths[0] !== widths[1]) {
    const what = candidate.measured === 'logits' ? 'tokens' : 'numbers in a vector'
    return { holds: false, reasons: [`the candidate has ${widths[1]} ${what} and the reference ${widths[0]}`], maxNmse, prompts: [] }
  }
  const reasons: string[] = []
  const prompts: ComparedPrompt[] = []
  for (const prompt of promptsOf(reference, request)) {
    terminal.signal.throwIfAborted()
    const name = JSON.stringify(prompt.prompt.length > 60 ? `${prompt.prompt.slice(0, 60)}…` : prompt.prompt)
    try {
      const compared = await comparePrompt(reference, candidate, prompt)
      prompts.push(compared)
      if (compared.firstDifferentToken !== null)
        reasons.push(`${name}: the tokenizers differ from token ${compared.firstDifferentToken} on`)
      if (!(compared.nmse <= maxNmse)) reasons.push(`${name}: NMSE ${compared.nmse.toExponential(2)} is above ${maxNmse.toExponential(0)}`)
    } catch (error) {
      // A prompt that is too long says nothing about the model.
      if (!FsError.is(error) || !/^(runtime|eval)\//.test(error.code) || error.code === 'runtime/context-overflow') throw error
      reasons.push(`${name}: ${error.message}`)
    }
  }
  if (reference.kind === 'saved' || (reasons.length === 0 && !request.weights))
    return { holds: reasons.length === 0, reasons, maxNmse, prompts }
  const tokens = reference.tokenizer.encode(worstText(reference, request, prompts), { addSpecialTokens: true })
  const diagnosis = await diagnose(reference, candidate, tokens, {
    signal: terminal.signal,
    ...(request.threads === undefined ? {} : { threads: request.threads }),
  })
  const damaged = diagnosis.weights.some(({ departs }) => departs)
  const holds = reasons.length === 0 && !damaged
  return { holds, reasons: holds ? [] : [...reasons, ...findings(diagnosis, maxNmse)], maxNmse, prompts, diagnosis }
}

function promptsOf(reference: ModelSide | SavedSide, request: VerifyRequest): readonly Prompt[] {
  if (reference.kind === 'saved') {
    if (request.prompts.length > 0) throw cliError('cli/usage', 'saved logits come with their prompt; leave out --prompt', {})
    return [{ prompt: reference.prompt ?? `the tokens of ${reference.name}`, text: reference.prompt ?? '' }]
  }
  return request.prompts.length === 0 ? builtInPrompts(reference) : request.prompts.map((text) => ({ prompt: text, text }))
}

function worstText(reference: ModelSide, request: VerifyRequest, prompts: readonly ComparedPrompt[]): string {
  const worst = prompts.reduce((most, { nmse }, index) => (nmse > (prompts[most]?.nmse ?? 0) ? index : most), 0)
  return promptsOf(reference, request)[worst]!.text
}
