// What a conversion tells while it runs. Plain data; how it looks is the app's business.

export type Progress = {
  readonly doneBands: number
  readonly totalBands: number
  readonly writtenBytes: number
  readonly totalBytes: number
}

export type OnProgress = (progress: Progress) => void
