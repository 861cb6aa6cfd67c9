// The everyday part of `@fs/convert`: open a model and read its weights. Planning is `@fs/convert/plan`, executing `@fs/convert/inline` or `/node`.
export { type OpenedModel, type OpenOptions, openModel } from './open-model.ts'
export { type ModelWeights, modelWeights } from './weight-reader.ts'
