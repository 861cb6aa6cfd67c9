// What the rendering thread and its owner say to each other: plain data only.
import type { ErrorDetails, Segment } from '@fs/core'
import type { ChatInput } from '../chat.ts'
import type { RenderLimits } from '../jinja/budget.ts'

export type RenderRequest = { readonly name: string; readonly source: string; readonly input: ChatInput; readonly limits: RenderLimits }

export type RenderReply =
  | { readonly type: 'ready' }
  | { readonly type: 'segments'; readonly segments: readonly Segment[] }
  | { readonly type: 'error'; readonly code: string | undefined; readonly message: string; readonly details: ErrorDetails }
