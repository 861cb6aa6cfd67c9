// The architectures of this package.
export { phi2 } from './phi2/phi2.ts'
export { phi3 } from './phi3/phi3.ts'
