// `@fs/convert/measure`: what quantizing costs a model, measured before (a plan within a budget) and after (errors of a file that was written).

export { outputErrors, type WrittenPlan } from './output-errors.ts'
export { type Budget, type BudgetPlan, type BudgetRequest, planWithinBudget } from './plan-within-budget.ts'
