// An architecture's name in its spellings. The id is the folder's name and what people type.

export type ArchNames = {
  /** `qwen3-moe` */
  readonly id: string
  /** `qwen3Moe` */
  readonly camel: string
  /** `Qwen3Moe` */
  readonly pascal: string
  /** `Qwen3 Moe` */
  readonly title: string
  /** `qwen3_moe`: the usual spelling of `model_type` in config.json. */
  readonly snake: string
}

/** @throws Error when the id is not lower-case words and digits joined by hyphens. */
export function archNames(id: string): ArchNames {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw new Error(`"${id}" cannot be the id of an architecture: use lower-case letters, digits and single hyphens, as in qwen3-moe`)
  }
  const words = id.split('-').map((word) => word[0]?.toUpperCase() + word.slice(1))
  const pascal = words.join('')
  return { id, camel: (pascal[0] ?? '').toLowerCase() + pascal.slice(1), pascal, title: words.join(' '), snake: id.replaceAll('-', '_') }
}
