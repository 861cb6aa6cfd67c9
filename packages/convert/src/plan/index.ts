// Planning a conversion: what will be read, changed and written, without doing it.

export { planHuggingFace } from '../folder/hugging-face.ts'
export { planUnified, type UnifiedRequest } from '../folder/unified.ts'
export type {
  ComputedInput,
  ConversionPlan,
  JobInput,
  JobTarget,
  PlanOutput,
  PlanSource,
  StoredInput,
  TensorJob,
} from './conversion-plan.ts'
export type { Formula } from './formula.ts'
export { type Importance, importanceOf } from './importance.ts'
export { planCopy } from './plan-copy.ts'
export { type FolderPlaces, type FolderPlan, type Precision, parsePrecision } from './plan-folder.ts'
export { type GgmlMeta, type GgmlPlan, type GgmlRequest, planGgml } from './plan-ggml.ts'
export { type GgufPlan, type GgufRequest, type PlannedOutput, planGguf } from './plan-gguf.ts'
export { planRequantize, type RequantizeRequest } from './plan-requantize.ts'
export type { TypeOptions } from './tensor-types.ts'
