// safetensors: single files, sharded models with an index, and the layout of a file to be written.
export { type HeaderEntry, MAX_HEADER_BYTES, type ReportProblem, readSafetensorsHeader, type SafetensorsHeader } from './header.ts'
export { layoutSafetensors, type SafetensorsLayout, type SafetensorsLayoutInput } from './layout.ts'
export { readSafetensors } from './read.ts'
export { readSafetensorsIndex } from './sharded.ts'
