import type { FileItems } from './file-items.ts'

/** Lines, rows or elements of a file that a dataset leaves out, and what is said of them. */
export interface SkippedLines {
  /** `place` names it where it is not a line. */
  skip(number: number, problem: string, place?: string): void
  /** No more will come: says how many there were, unless each was told. */
  end(): void
  readonly count: number
  readonly first: { readonly number: number; readonly problem: string } | undefined
}

const toldLines = 3

/** Tells the first lines, rows or elements that are skipped and why, and at the end how many there were. */
export const createSkippedLines = (
  file: string,
  say: (line: string) => void,
  unit: FileItems['unit'] = 'line',
): SkippedLines => {
  let count = 0
  let first: SkippedLines['first']
  return {
    skip(number, problem, place = `${file}:${number}`) {
      count++
      first ??= { number, problem }
      if (count <= toldLines) say(`${place}: skipped, ${problem}`)
    },
    end() {
      if (count > toldLines) say(`${file}: ${count} ${unit}s skipped in all`)
    },
    get count() {
      return count
    },
    get first() {
      return first
    },
  }
}
