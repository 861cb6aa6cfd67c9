// Runs before every file of tests (`setupFiles` in vitest.config.ts) and gives its property tests their start.
// It is not where a test says how often it draws: that stands with the test.
import { configureGlobal } from 'fast-check'
import { seedFrom } from './seed.ts'

configureGlobal({ seed: seedFrom(process.env.FARTSOVKA_SEED) })
