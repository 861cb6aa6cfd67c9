// The architectures of this package.
export { bert } from './bert/bert.ts'
export { nomicBert } from './nomic-bert/nomic-bert.ts'
export { roberta, xlmRoberta } from './roberta/roberta.ts'
