// `fartsovka hub upload`: files, or a folder's files, as one commit. What is stored already is not sent again.
import { openAsBlob, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { nodeFolder } from '@fs/formats/node'
import { parseModelId } from '@fs/hub'
import { type UploadProgress, uploadFiles } from '@fs/hub/publish'
import type { CommandDefinition } from '../../command.ts'
import { cliError } from '../../errors.ts'
import { EXIT } from '../../exit-codes.ts'
import { formatBytes, formatTable } from '../../terminal/format.ts'
import { progressBar } from '../../terminal/progress.ts'
import { type Terminal, userPath } from '../../terminal/terminal.ts'
import { type PublishOptions, publishingAccess, tellResult } from './access.ts'

type UploadOptions = PublishOptions & { readonly revision: string; readonly title?: string }

/** A file to send: where it is, what it will be called, how large it is. */
type Sent = { readonly file: string; readonly path: string; readonly size: number }

export const defineUpload: CommandDefinition = (hub, run) => {
  hub
    .command('upload')
    .description('upload files or folders as one commit; what is stored already is not sent again')
    .argument('<repository>', 'org/name')
    .argument('<path...>', 'files, which go to the top of the repository, or folders, whose files keep their places')
    .option('--revision <branch>', 'branch', 'main')
    .option('--title <text>', 'first line of the commit’s message')
    .option('--dry-run', 'list what would be sent and send nothing')
    .addHelpText('after', '\nExample:\n  fartsovka hub upload me/model-GGUF out --dry-run')
    .action((name: string, paths: readonly string[], options: UploadOptions) =>
      run(async (terminal) => {
        const { repository } = parseModelId(name)
        const files = await filesOf(paths, terminal)
        const access = await publishingAccess(terminal)
        const facts = { repository, branch: options.revision, files: files.map(({ path, size }) => ({ path, size })) }
        if (options.dryRun) {
          const rows = formatTable(
            files.map(({ path, size }) => [path, formatBytes(size)]),
            new Set([1]),
          )
          tellResult(
            { dryRun: true, ...facts },
            `would upload to ${repository} (${options.revision}) on ${access.endpoint}:\n${rows}`,
            options,
            terminal,
          )
          return EXIT.done
        }
        const bar = progressBar(terminal, `uploading to ${repository}`, options.quiet ? 'quiet' : 'normal')
        const commit = await uploadFiles(access, {
          repository,
          branch: options.revision,
          title: options.title ?? `Upload ${files.length === 1 ? files[0]!.path : `${files.length} files`}`,
          files: await Promise.all(files.map(async ({ file, path }) => ({ path, content: await openAsBlob(file) }))),
          onProgress: uploadedBytes(files, (done, total) => bar.update(done, total)),
        }).finally(() => bar.finish())
        tellResult({ ...facts, commit }, `${access.endpoint}/${repository}/commit/${commit}`, options, terminal)
        return EXIT.done
      }),
    )
}

async function filesOf(paths: readonly string[], terminal: Terminal): Promise<readonly Sent[]> {
  const files: Sent[] = []
  for (const typed of paths) {
    const path = userPath(terminal, typed)
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) throw cliError('cli/not-found', `${typed}: there is no such file or folder`, { path: typed })
    if (stats.isDirectory()) {
      const folder = await nodeFolder(path)
      for (const [name, { size }] of folder.files) files.push({ file: join(path, name), path: name, size })
    } else files.push({ file: path, path: basename(path), size: stats.size })
  }
  const twice = files.find(({ path }, index) => files.findIndex((other) => other.path === path) !== index)
  if (twice !== undefined)
    throw cliError('cli/usage', `two files would be called ${twice.path} in the repository; upload them one by one`, {})
  // Half-written files of a conversion that was stopped are nobody's model.
  const whole = files.filter(({ path }) => !/\.partial(\.json|\.lock)?$/.test(path))
  if (whole.length === 0) throw cliError('cli/usage', `${paths.join(', ')}: there is no file to upload`, {})
  return whole
}

/** Turns each file's share into bytes of the whole. */
function uploadedBytes(files: readonly Sent[], report: (done: number, total: number) => void): (progress: UploadProgress) => void {
  const sizes = new Map(files.map(({ path, size }) => [path, size]))
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const done = new Map<string, number>()
  return (progress) => {
    if (progress.kind !== 'file' || progress.phase !== 'uploading') return
    done.set(progress.path, progress.share * (sizes.get(progress.path) ?? 0))
    report(
      [...done.values()].reduce((sum, bytes) => sum + bytes, 0),
      total,
    )
  }
}
