// `@fs/eval/report`: results as self-contained HTML pages. The plotting library is loaded with this entry only.
export { divergenceReport, type Measurement, perplexityReport } from './measurement-reports.ts'
export { type Quantization, quantizationReport } from './quantization-report.ts'
export { verificationReport } from './verification-report.ts'
