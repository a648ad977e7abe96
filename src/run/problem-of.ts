/** The error that `work` ends with, if it does: what was measured is worth more than a file. */
export const problemOf = (work: () => void): Error | undefined => {
  try {
    work()
    return undefined
  } catch (error) {
    return error as Error
  }
}
