// One thing after another: a session and its cache serve a single computation at a time.

/** @returns a function that starts each task when every earlier one has ended, however it ended */
export function createQueue(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task, task)
    last = result.catch(() => {})
    return result
  }
}
