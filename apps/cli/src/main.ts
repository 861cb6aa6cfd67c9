#!/usr/bin/env -S node --max-semi-space-size=1
// The `fartsovka` binary: hands the process's arguments and streams to the program and takes its exit code.
// Everything it does can be done by a test without a process.
import { keepCompiledModules } from './compile-cache.ts'
import { useLargePages } from './large-pages.ts'

useLargePages(process)
keepCompiledModules(process.env)
const [{ runProgram }, { processTerminal }] = await Promise.all([import('./program.ts'), import('./terminal/terminal.ts')])

process.exitCode = await runProgram(process.argv.slice(2), processTerminal(process))
