#!/usr/bin/env -S node --max-semi-space-size=4
// The `fartsovka` binary: hands the process's arguments and streams to the program and takes its exit code.
// Everything it does can be done by a test without a process.
import { runProgram } from './program.ts'
import { processTerminal } from './terminal/terminal.ts'

process.exitCode = await runProgram(process.argv.slice(2), processTerminal(process))
