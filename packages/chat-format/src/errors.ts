// Every way a chat template can fail to give a prompt, by code.
// It is not the wording of single failures; that is next to the check that finds them.
import { errorFactory } from '@fs/core'

export const fail = errorFactory({
  'chat-format/template-missing': 'The model has no chat template, or none of the name that was asked for.',
  'chat-format/template-file': 'A file that should hold a chat template is not what it has to be.',
  'chat-format/template-syntax': 'The template is not Jinja that can be read.',
  'chat-format/template-failed': 'The template did something Jinja does not allow, such as adding text to an undefined value.',
  'chat-format/template-refused': 'The template itself rejected the chat (raise_exception).',
  'chat-format/bad-input': 'The chat handed to the template is not made of JSON values.',
  'chat-format/continue-failed': 'The last message can not be continued with this template.',
  'chat-format/limit-source': 'The template is longer than a template may be.',
  'chat-format/limit-steps': 'Rendering took more steps than allowed.',
  'chat-format/limit-characters': 'Rendering made more text than allowed.',
  'chat-format/limit-depth': 'Expressions or macros are nested deeper than allowed.',
  'chat-format/limit-time': 'Rendering took longer than allowed.',
  'chat-format/limit-memory': 'Rendering took more memory than its thread was given.',
  'chat-format/thread-failed': 'The rendering thread ended for a reason that is not the template.',
  'chat-format/format-incomplete': 'A message format has no template for a role that the chat uses.',
})
