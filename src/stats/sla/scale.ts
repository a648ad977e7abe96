/** The values that a search may try: which come after one, and what lies between two. */
export interface Scale {
  /** About twice as much, always more. */
  readonly doubled: (value: number) => number
  /** About half as much, always less; of the least value there is, that value. */
  readonly halved: (value: number) => number
  /** About the middle; undefined where nothing lies between. */
  readonly between: (low: number, high: number) => number | undefined
}

/** For counts, such as requests in flight. */
export const wholeNumbers: Scale = {
  doubled: value => 2 * value,
  halved: value => Math.max(1, Math.floor(value / 2)),
  between: (low, high) => (high - low <= 1 ? undefined : Math.floor((low + high) / 2)),
}

/**
 * For rates: 0.98, 0.99, 1, 1.1 … 9.9, 10, 11. A finer answer would take more measurements than it is worth, as a rate
 * that is drawn differs from the one asked for by 100/√n % anyway.
 */
export const twoDigits: Scale = {
  doubled: value => rounded(2 * value),
  halved: value => rounded(value / 2),
  between: (low, high) => {
    const middle = rounded((low + high) / 2)
    return middle > low && middle < high ? middle : undefined
  },
}

const rounded = (value: number): number => Number(value.toPrecision(2))
