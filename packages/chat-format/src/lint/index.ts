// Checks and comparison of chat templates.
export { compareTemplates, type ProbeOptions, type ProbeResult, renderProbe, type TemplateDifference } from './compare.ts'
export { type LintContext, lintTemplate, TEMPLATE_FINDINGS, type TemplateFinding } from './lint.ts'
export { PROBES, type ProbeName } from './probes.ts'
