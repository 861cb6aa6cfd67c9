// Public names of `@fs/litertlm/container`: the file around the sections. What is in the sections has entries of its own.

export { BLOCK_BYTES, type Container, type ContainerSection, type Items, type ItemValue, VERSION, type Version } from './container.ts'
export { type ContainerLayout, layoutContainer, type SectionInput, type TextItems } from './layout.ts'
export { type OnProblem, readContainer } from './read.ts'
export { SECTION_TYPES, type SectionType } from './section-types.ts'
