// Two templates side by side: where a model's template differs from another copy of it, in what it writes and not in how it is spelled.

import { FsError } from '@fs/core'
import type { ChatInput } from '../chat.ts'
import { compileTemplate, renderText } from '../render.ts'
import { PROBES, type ProbeName } from './probes.ts'

/** What a template made of a chat: its text, or the code and words of its refusal. */
export type ProbeResult =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string }

export type TemplateDifference = { readonly probe: ProbeName; readonly left: ProbeResult; readonly right: ProbeResult }

export type ProbeOptions = Pick<ChatInput, 'specialTokens' | 'variables' | 'now'>

/** A fixed day, so that templates that write the date can be compared. */
const PROBE_DAY = new Date(2024, 6, 26)

/** Renders one probe. Errors that are not the template's are thrown. */
export function renderProbe(source: string, probe: ProbeName, options: ProbeOptions): ProbeResult {
  const chat: ChatInput = PROBES[probe]
  try {
    const text = renderText(compileTemplate(source), {
      now: PROBE_DAY,
      ...options,
      ...chat,
      variables: { ...options.variables, ...chat.variables },
    })
    return { type: 'text', text }
  } catch (error) {
    if (FsError.is(error)) return { type: 'error', code: error.code, message: error.message }
    throw error
  }
}

/**
 * The probes on which two templates differ; empty when a model may be given either. Messages of errors are not compared: both refuse.
 */
export function compareTemplates(left: string, right: string, options: ProbeOptions = {}): TemplateDifference[] {
  return (Object.keys(PROBES) as ProbeName[]).flatMap((probe) => {
    const results = { left: renderProbe(left, probe, options), right: renderProbe(right, probe, options) }
    const same =
      results.left.type === 'text'
        ? results.right.type === 'text' && results.left.text === results.right.text
        : results.right.type === 'error'
    return same ? [] : [{ probe, ...results }]
  })
}
