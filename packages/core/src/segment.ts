// A piece of a prompt and who wrote it: the one word that chat formats and tokenizers share.
// It says nothing of how text is rendered or encoded; that is `@fs/chat-format` and `@fs/tokenizer`.

/**
 * `special` is text a template wrote: control tokens in it (`<|im_start|>`) become their ids.
 * `text` is text anyone else wrote: whatever it spells, it never becomes a control token.
 */
export type Segment = { readonly type: 'text' | 'special'; readonly text: string }
