// Public names of `@fs/convert/litertlm`: a model as a LiteRT-LM bundle.

export { type BundleOverrides, parseBundleOverrides } from './overrides.ts'
export { type LitertlmPlan, type LitertlmRequest, planLitertlm } from './plan-litertlm.ts'
