// What only Node can do: rendering on a thread that can be ended.
export { type TemplateThread, type ThreadOptions, templateThread } from './thread.ts'
