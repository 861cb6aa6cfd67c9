// Planning a conversion: what will be read, changed and written, without doing it.
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
export { type FolderPlan, type FolderRequest, mainDtype, type Precision, parsePrecision, planFolder } from './plan-folder.ts'
export { type GgufPlan, type GgufRequest, type PlannedOutput, planGguf } from './plan-gguf.ts'
export { planRequantize, type RequantizeRequest } from './plan-requantize.ts'
export type { TypeOptions } from './tensor-types.ts'
