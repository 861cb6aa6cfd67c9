// The unified folder as a container: safetensors whose config.json names the format. What that file says is read by whoever understands models.
import type { JsonObject } from '@fs/core'
import type { Container } from './container.ts'
import { safetensors } from './safetensors.ts'

/** `format` of a unified config.json. */
export const UNIFIED_FORMAT = 'fartsovka'

export const unified = {
  id: 'unified',
  find: (folder, config: JsonObject | undefined) => (config?.format === UNIFIED_FORMAT ? safetensors.find(folder) : undefined),
  // A lone file has no config.json to say so.
  detect: () => false,
  open: (folder, entry) => safetensors.open(folder, entry),
} as const satisfies Container
