// Public names of `@fs/quant/recipes`: which type each tensor of a file gets, and why. Nothing is encoded here.

export { type BudgetCandidate, type BudgetChoice, type BudgetTensor, chooseWithinBudget } from './budget.ts'
export { chooseTensorTypes, type RecipeOptions, type TensorChoice } from './choose-tensor-types.ts'
export { type ConvertChoice, type ConvertTensor, chooseConvertTypes, OUT_TYPES, type OutType, resolveAutoType } from './convert-types.ts'
export { FILE_TYPES, type FileType, fileTypeById, isFileType, parseFileType } from './file-types.ts'
export { type PrunedLayers, pruneLayers } from './prune-layers.ts'
export { parseRecipe, type Recipe, recipeJson } from './recipe-file.ts'
export { compareTensorNames, type RecipeModel, type RecipeTensor, roleOfTensor, type TensorRole } from './recipe-model.ts'
export { parseTensorType, parseTensorTypeFile, parseTensorTypeOption, QAT_Q4_0 } from './tensor-type-option.ts'
