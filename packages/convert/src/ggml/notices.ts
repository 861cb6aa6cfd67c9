// What a file of before GGUF cannot say of a model: the model as a reader of the file has to take it, held against the model as it is.
import type { DecoderSpec, Notice } from '@fs/arch'
import { exactGeluMessage } from '@fs/arch/exact-gelu'

/** @param read what the file's own settings and tensors imply */
export function ggmlNotices(spec: DecoderSpec, read: DecoderSpec): readonly Notice[] {
  const notices: Notice[] = []
  const say = (code: string, message: string) => {
    if (notices.every((notice) => notice.message !== message)) notices.push({ code: `ggml/${code}`, message })
  }
  if (read.contextLength < spec.contextLength)
    say(
      'context-length',
      `the file has no place for the context length of ${spec.contextLength} tokens; loaders take ${read.contextLength}`,
    )
  for (const [index, layer] of spec.layers.entries()) {
    const { attention, feedForward } = layer
    const assumed = read.layers[index]!
    if (attention.window !== null && assumed.attention.window === null)
      say(
        'sliding-window',
        `the model attends to the last ${attention.window} tokens only, which the file cannot say: answers differ from the original's on prompts longer than ${attention.window} tokens`,
      )
    if (attention.keyValueHeads !== attention.heads)
      say(
        'key-value-heads',
        `the file has no place for the ${attention.keyValueHeads} heads of keys and values; loaders of the time have to be told (n_gqa ${attention.heads / attention.keyValueHeads})`,
      )
    sayPosition(attention.position, assumed.attention.position, spec.contextLength, say)
    if (feedForward.kind === 'mlp' && feedForward.activation === 'gelu') say('exact-gelu', exactGeluMessage('ggml', 'logits'))
    else if (
      feedForward.kind !== 'mixture' &&
      assumed.feedForward.kind === feedForward.kind &&
      feedForward.activation !== assumed.feedForward.activation
    )
      say(
        'activation',
        `the file cannot say that the activation is ${feedForward.activation}; loaders take ${assumed.feedForward.activation}`,
      )
    if (attention.scale !== assumed.attention.scale)
      say('attention-scale', `the file cannot say that scores are scaled by ${attention.scale}; loaders take ${assumed.attention.scale}`)
  }
  const [epsilon, taken] = [spec.outputNorm?.epsilon, read.outputNorm?.epsilon]
  if (epsilon !== taken) say('epsilon', `the file has no place for the norms' epsilon of ${epsilon}; readers of today take ${taken}`)
  return notices
}

type Position = DecoderSpec['layers'][number]['attention']['position']

function sayPosition(position: Position, assumed: Position, contextLength: number, say: (code: string, message: string) => void): void {
  if (position.kind !== 'rope' || assumed.kind !== 'rope') return
  if (position.base !== assumed.base)
    say(
      'rope-base',
      `the file cannot say that the rotary base is ${position.base}; loaders take ${assumed.base} unless told, and then the model writes noise`,
    )
  if (position.scaling.kind === assumed.scaling.kind) return
  const original = 'originalContextLength' in position.scaling ? position.scaling.originalContextLength : undefined
  const from =
    original === undefined ? 'at every length' : `on prompts longer than ${Math.min(original, contextLength)} tokens, and slightly before`
  say(
    'rope-scaling',
    `the file cannot say that rotary frequencies are stretched (${position.scaling.kind}): answers differ from the original's ${from}`,
  )
}
