// Publishing on the Hub: account, repository, files, collection, model card. Nothing here runs unless it is called by name.
export { type Account, account } from './account.ts'
export { addToCollection, type Collection, createCollection } from './collections.ts'
export { type ModelCard, modelCard } from './model-card.ts'
export { createRepository, type Visibility } from './repository.ts'
export { type Upload, type UploadFile, type UploadProgress, uploadFiles } from './upload.ts'
