// What is wrong with an ONNX export: a graph that is none, data that is not where the graph says, settings that name what is not there.
// Nothing is run.
import { statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Checkpoint, Json, JsonObject } from '@fs/core'
import { FsError } from '@fs/core'
import { readJsonObject } from '@fs/formats/json'
import { externalDataProblems } from '@fs/onnx'
import { describeExported, exportedFile } from '../engine/exported-model.ts'
import { cliError } from '../errors.ts'

/** @returns how many weights the graph has, and every reason against it */
export async function exportProblems(checkpoint: Checkpoint): Promise<{ readonly weights: number; readonly problems: readonly FsError[] }> {
  const settings = await settingProblems(checkpoint)
  try {
    const description = await describeExported(checkpoint)
    const data = externalDataProblems(description, (location) => sizeIn(dirname(pathOf(checkpoint)), location))
    return { weights: description.weights.length, problems: [...data, ...settings] }
  } catch (error) {
    if (!FsError.is(error)) throw error
    return { weights: 0, problems: [error, ...settings] }
  }
}

function pathOf(checkpoint: Checkpoint): string {
  const { location, name } = exportedFile(checkpoint)
  return location.kind === 'file' ? location.path : name
}

function sizeIn(folder: string, file: string): number | undefined {
  const stats = statSync(join(folder, file), { throwIfNoEntry: false })
  return stats?.isFile() ? stats.size : undefined
}

/** What transformers.js and onnxruntime-genai would look for and not find. */
async function settingProblems(checkpoint: Checkpoint): Promise<readonly FsError[]> {
  const { config, folder } = checkpoint
  // Of several models a checkpoint has one; the settings speak of all that are on the disk.
  const beside = dirname(pathOf(checkpoint))
  const root = basename(beside) === 'onnx' ? dirname(beside) : beside
  const problems: FsError[] = []
  const missing = (file: string, said: string) =>
    problems.push(cliError('cli/export-settings', `${said} names ${file}, and there is no such file in the folder`, { file }))
  for (const [model, parts] of Object.entries(objectIn(objectIn(config?.['transformers.js_config'])?.use_external_data_format) ?? {})) {
    if (!model.endsWith('.onnx')) continue
    // Parts are counted: after one that is missing the others say nothing more.
    let part = 0
    while (part < Number(parts) && sizeIn(root, partName(model, part)) !== undefined) part++
    if (part < Number(parts)) missing(partName(model, part), 'config.json')
  }
  if (folder.files.has('genai_config.json')) {
    try {
      const genai = await readJsonObject(folder, 'genai_config.json')
      const file = objectIn(objectIn(genai.model)?.decoder)?.filename
      if (typeof file === 'string' && sizeIn(root, file) === undefined) missing(file, 'genai_config.json')
    } catch (error) {
      if (!FsError.is(error)) throw error
      problems.push(error)
    }
  }
  return problems
}

function objectIn(value: Json | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
}

/** `onnx/model.onnx_data`, `onnx/model.onnx_data_1`, … */
function partName(model: string, part: number): string {
  return `onnx/${model}_data${part === 0 ? '' : `_${part}`}`
}
