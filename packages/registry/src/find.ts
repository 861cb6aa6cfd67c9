// Finds the architecture of a checkpoint by what its configuration says. It opens nothing.
import type { Architecture, GgufView } from '@fs/arch'
import type { JsonObject } from '@fs/core'
import { ARCHITECTURES } from './architectures.ts'
import { registryError } from './errors.ts'

/** @throws FsError `registry/no-such-id` with the ids there are. */
export function architectureById(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id.toLowerCase())
  if (found === undefined) {
    throw registryError(
      'registry/no-such-id',
      `there is no architecture "${id}"; choose one of ${ARCHITECTURES.map((known) => known.id).join(', ')}`,
      { id },
    )
  }
  return found
}

/**
 * By `architectures[0]` of config.json (of `text_config` in a multimodal model), else by `model_type`.
 * @throws FsError `registry/unsupported` or `registry/unnamed`.
 */
export function architectureOfHuggingFace(config: JsonObject): Architecture {
  const text = config.text_config
  const inner = text !== null && typeof text === 'object' && !Array.isArray(text) ? (text as JsonObject) : undefined
  const names = [inner?.architectures, config.architectures]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((name) => typeof name === 'string')
  const types = [inner?.model_type, config.model_type].filter((type) => typeof type === 'string')
  const found =
    ARCHITECTURES.find((architecture) => names.some((name) => architecture.huggingFaceArchitectures.includes(name))) ??
    (names.length === 0 ? ARCHITECTURES.find((architecture) => types.some((type) => architecture.modelTypes.includes(type))) : undefined)
  if (found !== undefined) return found
  const said = names[0] ?? types[0]
  if (said === undefined) {
    throw registryError('registry/unnamed', 'config.json names neither architectures nor model_type; say which it is with --arch ID', {})
  }
  throw registryError('registry/unsupported', `${said} is not an architecture this version knows; known are ${knownNames()}`, {
    architecture: said,
  })
}

/** @throws FsError `registry/unsupported`. */
export function architectureOfGguf(view: GgufView): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.ggufArchitecture === view.architecture && architecture.matchesGguf(view))
  if (found === undefined) {
    throw registryError(
      'registry/unsupported',
      `the GGUF architecture "${view.architecture}" is not one this version knows; known are ${knownNames()}`,
      {
        architecture: view.architecture,
      },
    )
  }
  return found
}

const knownNames = (): string => ARCHITECTURES.map((architecture) => architecture.title).join(', ')
