// Where a model's chat templates are, and which one counts.
export { findTemplatesInFolder } from './folder.ts'
export { findTemplatesInMetadata, templateMetadata } from './metadata.ts'
export { chooseTemplate, type FoundTemplate, type TemplatePlace, type TemplateReport } from './report.ts'
