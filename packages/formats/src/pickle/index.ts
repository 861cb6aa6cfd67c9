// Reads a pickle as inert data. Internal to the package: pickles are only a part of PyTorch files.
export { unpickle } from './unpickle.ts'
export { kindOf, type PickleValue } from './values.ts'
