// Opens what a person calls a model: a local folder or file, or `org/name[@revision][:QUANT]` on the Hub.
// How a download looks is decided here; what is downloaded, in `@fs/hub`.
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Checkpoint, Folder } from '@fs/core'
import { httpSource, readAhead } from '@fs/formats/bytes'
import { openCheckpoint } from '@fs/formats/checkpoint'
import { nodeFolder } from '@fs/formats/node'
import { type ModelId, parseModelId, remoteFolder, selectModel } from '@fs/hub'
import { downloadSnapshot, readHubEnvironment } from '@fs/hub/node'
import { cliError } from './errors.ts'
import { openLocal } from './open-local.ts'
import { formatBytes } from './terminal/format.ts'
import { progressBar } from './terminal/progress.ts'
import { type Terminal, userPath } from './terminal/terminal.ts'

export type ModelOptions = {
  readonly revision?: string
  readonly offline?: true
  readonly quiet?: true
}

/** A checkpoint and what to call it: the Hub id where there is one, else the path as typed. */
export type ResolvedModel = { readonly checkpoint: Checkpoint; readonly label: string }

/** Opens a local path, or downloads what is needed of a Hub repository and opens that. */
export async function resolveModel(model: string, options: ModelOptions, terminal: Terminal): Promise<ResolvedModel> {
  const path = userPath(terminal, model)
  if (existsSync(path)) return { checkpoint: await openLocal(path), label: model }
  const id = hubId(model, options)
  return { checkpoint: await openDownloaded(id, options, terminal), label: id.repository }
}

/** The same without a local copy: every byte is read by ranges when it is needed. */
export async function resolveRemotely(model: string, options: ModelOptions, terminal: Terminal): Promise<ResolvedModel> {
  const path = userPath(terminal, model)
  if (existsSync(path)) return { checkpoint: await openLocal(path), label: model }
  if (ADDRESS.test(model) && repositoryOfPage(model) === undefined) return { checkpoint: await openUrl(model, terminal), label: model }
  const id = hubId(model, options)
  const { access } = await readHubEnvironment(terminal.environment)
  const folder = await remoteFolder({
    repository: id.repository,
    ...(id.revision === undefined ? {} : { revision: id.revision }),
    files: selectModel(id.quant),
    access: { ...access, signal: terminal.signal },
    openUrl: (url, headers) =>
      httpSource(url, { headers, signal: terminal.signal, ...(access.fetch === undefined ? {} : { fetch: access.fetch }) }),
  })
  return { checkpoint: await openCheckpoint(folder), label: id.repository }
}

async function openUrl(url: string, terminal: Terminal): Promise<Checkpoint> {
  const source = readAhead(await httpSource(url, { signal: terminal.signal }))
  const name = decodeURIComponent(basename(new URL(url).pathname)) || 'model'
  // Opened more than once, as every folder's files are; closing one use must not end the next. A source holds no connection between reads.
  const lasting = { ...source, close: async () => undefined }
  const folder: Folder = { name, files: new Map([[name, { size: source.size }]]), open: async () => lasting }
  return openCheckpoint(folder, name)
}

function hubId(model: string, options: ModelOptions): ModelId {
  const id = parseModelId(repositoryOfPage(model) ?? checkedId(model))
  return options.revision === undefined ? id : { ...id, revision: options.revision }
}

function checkedId(model: string): string {
  if (ADDRESS.test(model))
    throw cliError('cli/usage', `${model} is read by ranges with --remote, or download it first; models of the Hub are named org/name`, {
      model,
    })
  const looksLocal = /^[./~]|\\|\.(gguf|safetensors|bin|pth|pt|onnx|litertlm)$/.test(model) || !model.includes('/')
  if (looksLocal) throw cliError('cli/not-found', `${model} is neither a file nor a folder here, nor a model id like org/name`, { model })
  return model
}

const ADDRESS = /^https?:\/\//

/** `org/name[@revision]` from the address of a model's page, as people copy it; undefined for any other address. */
function repositoryOfPage(model: string): string | undefined {
  const [, repository, revision] =
    /^https?:\/\/(?:huggingface\.co|hf\.co)\/([^/?#]+\/[^/?#]+)(?:\/tree\/([^/?#]+))?\/?(?:[?#].*)?$/.exec(model) ?? []
  return revision === undefined ? repository : `${repository}@${decodeURIComponent(revision)}`
}

async function openDownloaded(id: ModelId, options: ModelOptions, terminal: Terminal): Promise<Checkpoint> {
  const environment = await readHubEnvironment(terminal.environment)
  const bar = progressBar(terminal, `downloading ${id.repository}`, options.quiet ? 'quiet' : 'normal')
  const note = (text: string) => options.quiet || terminal.err(`${text}\n`)
  try {
    const snapshot = await downloadSnapshot({
      repository: id.repository,
      ...(id.revision === undefined ? {} : { revision: id.revision }),
      files: selectModel(id.quant),
      access: { ...environment.access, signal: terminal.signal, ...(options.offline ? { offline: true } : {}) },
      cacheFolder: environment.cacheFolder,
      symlinks: environment.symlinks,
      onProgress: (progress) => {
        if (progress.kind === 'bytes') bar.update(progress.bytes, progress.total)
        else if (progress.kind === 'plan' && progress.total > progress.cached) {
          const here = progress.cached === 0 ? '' : `, of which ${formatBytes(progress.cached)} are here already`
          note(`${id.repository}: ${progress.files} files, ${formatBytes(progress.total)}${here}`)
        } else if (progress.kind === 'waiting') note(`waiting for another process that downloads ${progress.file}`)
      },
    })
    bar.finish()
    if (snapshot.insteadOfHub !== undefined)
      note(`the Hub could not be asked (${snapshot.insteadOfHub.message}); using the copy in the cache`)
    const folder = await nodeFolder(snapshot.folder)
    const files = new Map(snapshot.files.map((file) => [file.name, { size: file.size }]))
    const named: Folder = { ...folder, name: id.repository.split('/')[1]!, files }
    return await openSnapshot(named, id)
  } finally {
    bar.finish()
  }
}

/** A repository of GGUF files is opened by the chosen one; any other as a folder. */
function openSnapshot(folder: Folder, id: ModelId): Promise<Checkpoint> {
  const ggufs = [...folder.files.keys()].filter((name) => name.endsWith('.gguf')).sort()
  return id.quant !== undefined && ggufs.length > 0 ? openCheckpoint(folder, ggufs[0]) : openCheckpoint(folder)
}
