// Public names of `@fs/eval`: measures language models and compares them; opening models and printing are the caller's.

export { type DivergenceOptions, measureDivergence } from './divergence/divergence.ts'
export { RUNNING_HEADING, runningDivergenceLine, statisticsText } from './divergence/lines.ts'
export type { DivergenceStatistics, QuantileName, Quantiles } from './divergence/statistics.ts'
export { EVAL_ERRORS } from './errors.ts'
export { openLogitsFile } from './logits-file/read.ts'
export { encodeLogitsHeader, encodeLogitsRows } from './logits-file/write.ts'
export { finalLine, measurePerplexity, type Perplexity, type PerplexityOptions, runningLine } from './perplexity/perplexity.ts'
export type { LogProbabilities } from './scoring/log-probabilities.ts'
export type { Estimate } from './scoring/mean.ts'
export { type Scored, scoreWindows } from './scoring/score-windows.ts'
export { textWindows, type WindowOptions, type Windows } from './scoring/windows.ts'
