// Public names of `@fs/eval`: measures language models and compares them; opening models and printing are the caller's.

export type { Accuracy, ChoiceOptions } from './choices/accuracy.ts'
export { drawHellaswag, type HellaswagTask, hellaswagLine, measureHellaswag, parseHellaswag } from './choices/hellaswag.ts'
export { type MultipleChoice, measureMultipleChoice, multipleChoiceFinalLines, multipleChoiceLine } from './choices/multiple-choice.ts'
export { type MultipleChoiceTask, readMultipleChoice } from './choices/multiple-choice-file.ts'
export {
  drawWinogrande,
  measureWinogrande,
  parseWinogrande,
  type WinograndeAnswer,
  type WinograndeTask,
  winograndeFinalLine,
  winograndeLine,
} from './choices/winogrande.ts'
export { compareEmbeddings, type EmbeddingsComparison, LEAST_MEAN_COSINE } from './comparison/compare-embeddings.ts'
export { compareLogits, type LogitsComparison, nmseInWords, type PositionComparison } from './comparison/compare-logits.ts'
export { BUILT_IN_TEXT, promptLengths } from './comparison/prompts.ts'
export { compareDescriptions, type FieldDifference } from './diagnosis/compare-descriptions.ts'
export { compareLayerInputs, type LayerDifference } from './diagnosis/compare-layers.ts'
export { compareWeights, type WeightDifference, type WeightSource } from './diagnosis/compare-weights.ts'
export { type Diagnosis, findings } from './diagnosis/finding.ts'
export { type DivergenceOptions, measureDivergence } from './divergence/divergence.ts'
export { RUNNING_HEADING, runningDivergenceLine, statisticsText } from './divergence/lines.ts'
export type { DivergenceStatistics, QuantileName, Quantiles } from './divergence/statistics.ts'
export { EVAL_ERRORS } from './errors.ts'
export { type CollectOptions, collectImatrix, type SquaredInputs } from './importance/collect.ts'
export { mergeImatrices } from './importance/merge.ts'
export { type ImportanceStatistics, importanceStatistics } from './importance/statistics.ts'
export { openLogitsFile } from './logits-file/read.ts'
export { encodeLogitsHeader, encodeLogitsRows } from './logits-file/write.ts'
export { encodeLogitsSet, type LogitsSet, logitsSetFiles, readLogitsSet } from './logits-set/logits-set.ts'
export { finalLine, measurePerplexity, type Perplexity, type PerplexityOptions, runningLine } from './perplexity/perplexity.ts'
export type { LogProbabilities } from './scoring/log-probabilities.ts'
export type { Estimate } from './scoring/mean.ts'
export { type Scored, scoreWindows } from './scoring/score-windows.ts'
export { textWindows, type WindowOptions, type Windows } from './scoring/windows.ts'
export type { ComparedPrompt, Verification } from './verification.ts'
