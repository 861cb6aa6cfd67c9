// Folders that need no disk: of files in memory or Blobs, of a subset, of nothing. And what may be a file name.

export { emptyFolder, fileFolder } from './file-folder.ts'
export { checkFileName } from './file-name.ts'
