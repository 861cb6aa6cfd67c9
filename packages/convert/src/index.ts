// The everyday part of `@fs/convert`: open a model. Planning is `@fs/convert/plan`, executing `@fs/convert/inline` or `/node`.
export { type OpenedModel, openModel } from './open-model.ts'
