/** Lines of a file that a dataset leaves out, and what is said of them. */
export interface SkippedLines {
  skip(number: number, problem: string): void
  /** No more will come: says how many there were, unless each was told. */
  end(): void
  readonly count: number
  readonly first: { readonly number: number; readonly problem: string } | undefined
}

const toldLines = 3

/** Tells the first lines that are skipped and why, and at the end how many there were. */
export const createSkippedLines = (file: string, say: (line: string) => void): SkippedLines => {
  let count = 0
  let first: SkippedLines['first']
  return {
    skip(number, problem) {
      count++
      first ??= { number, problem }
      if (count <= toldLines) say(`${file}:${number}: skipped, ${problem}`)
    },
    end() {
      if (count > toldLines) say(`${file}: ${count} lines skipped in all`)
    },
    get count() {
      return count
    },
    get first() {
      return first
    },
  }
}
