/** Lines of a file, or elements of its JSON array, that a dataset leaves out, and what is said of them. */
export interface SkippedLines {
  skip(number: number, problem: string): void
  /** No more will come: says how many there were, unless each was told. */
  end(): void
  readonly count: number
  readonly first: { readonly number: number; readonly problem: string } | undefined
}

const toldLines = 3

/** Tells the first lines or elements that are skipped and why, and at the end how many there were. */
export const createSkippedLines = (
  file: string,
  say: (line: string) => void,
  unit: 'line' | 'element' = 'line',
): SkippedLines => {
  const placeOf = (number: number): string => (unit === 'line' ? `${file}:${number}` : `${file}: element ${number}`)
  let count = 0
  let first: SkippedLines['first']
  return {
    skip(number, problem) {
      count++
      first ??= { number, problem }
      if (count <= toldLines) say(`${placeOf(number)}: skipped, ${problem}`)
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
