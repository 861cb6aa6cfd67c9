// The directory of a zip file whose entries are stored as they are: what PyTorch writes. Internal to the package.
export { readZipDirectory, type ZipEntry } from './read-directory.ts'
