// `@fs/eval/report`: results as self-contained HTML pages. The plotting library is loaded with this entry only.
export { divergenceReport, type MeasuredDivergence } from './divergence-report.ts'
export { type MeasuredPerplexity, type MeasuredText, perplexityReport } from './perplexity-report.ts'
export { type Quantization, quantizationReport } from './quantization-report.ts'
export { type ReleasedFile, releaseReport } from './release-report.ts'
export { verificationReport } from './verification-report.ts'
