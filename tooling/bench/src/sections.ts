// The sections of the benchmark. Adding one is adding a line here and a place for its table in docs/benchmarks.md.
import { convertSection } from './convert.ts'
import { quantizeSection } from './quantize.ts'
import { runSection } from './run/run.ts'
import type { Section } from './section.ts'

export const SECTIONS: readonly Section[] = [convertSection, quantizeSection, runSection]
