// The architectures of this package.
export { bert } from './bert/bert.ts'
