// What is said in a chat, as templates read it.

export type ChatMessage = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }
