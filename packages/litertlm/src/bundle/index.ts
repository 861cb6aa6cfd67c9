// Public names of `@fs/litertlm/bundle`: a whole `.litertlm` file, read strictly.

export { type Bundle, type BundleTokenizer, bundleProblems, readBundle } from './bundle.ts'
export { type GraphShape, graphShape } from './graph-shape.ts'
