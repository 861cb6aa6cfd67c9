// The list and how to look things up in it.
export { ARCHITECTURES } from './architectures.ts'
export { DIALECTS, type DialectId } from './dialects.ts'
export { REGISTRY_ERRORS } from './errors.ts'
export { architectureById, architectureOfGguf, architectureOfHuggingFace } from './find.ts'
