// The containers of before GGUF: ggml, ggmf, ggjt. Reading files of six model families, and laying out files to be written.

export { looksLikeBareVocabulary, readBareVocabulary } from './bare-vocabulary.ts'
export { type GgmlLayout, type GgmlLayoutInput, layoutGgml } from './layout.ts'
export { GGML_MODELS, type GgmlModelId } from './models.ts'
export { type GgmlFile, readGgml, vocabularyFromMetadata } from './read.ts'
