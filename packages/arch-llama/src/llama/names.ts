// Other spellings of Llama's tensor names. The standard ones are in `@fs/arch/common-weights`.

/** Inner models (`LlamaModel`) are saved without the `model.` prefix. Pattern and replacement, applied in order to every name. */
export const llamaAliases: readonly (readonly [RegExp, string])[] = [[/^(embed_tokens|layers|norm)\./, 'model.$1.']]

export const ignoredTensors: readonly RegExp[] = [/^rope\.freqs$/]
