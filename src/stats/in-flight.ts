import { GrowingList } from './growing-list.ts'

/**
 * When requests were in flight: from sent to end, of any outcome, 16 bytes each. Where one ends as another starts, they
 * do not overlap, and a request that took no time was never in flight. Any order and any split with `merge` gives the
 * same.
 */
export class InFlight {
  // Sorted apart: how many are in flight only depends on how many were sent and how many had ended.
  readonly #sent = new GrowingList()
  readonly #ends = new GrowingList()

  /** First sent; undefined without requests. */
  get firstUs(): number | undefined {
    return this.#sent.ascending()[0]
  }

  /** Last end; undefined without requests. */
  get lastUs(): number | undefined {
    return this.#ends.ascending().at(-1)
  }

  /** Mean from the first sent to the last end; undefined when no time passed. */
  get mean(): number | undefined {
    const { firstUs, lastUs } = this
    return firstUs === undefined || lastUs === undefined ? undefined : this.meanBetween(firstUs, lastUs)
  }

  get max(): number {
    let max = 0
    this.#sweep(stretch => {
      max = Math.max(max, stretch.level)
    })
    return max
  }

  add(sentUs: number, endUs: number): void {
    this.#sent.add(sentUs)
    this.#ends.add(endUs)
  }

  merge(other: InFlight): void {
    this.#sent.merge(other.#sent)
    this.#ends.merge(other.#ends)
  }

  /** Mean between two moments; undefined when no time lies between them. */
  meanBetween(fromUs: number, toUs: number): number | undefined {
    return toUs > fromUs ? this.meansBetween([fromUs, toUs])[0] : undefined
  }

  /** Means between each of these moments, which ascend, and the next one, in one pass. */
  meansBetween(momentsUs: readonly number[]): readonly number[] {
    const widths = momentsUs.slice(1).map((toUs, index) => toUs - (momentsUs[index] as number))
    const areas = widths.map(() => 0)
    let next = 0
    this.#sweep(({ fromUs, toUs, level }) => {
      while (next < areas.length && (momentsUs[next + 1] as number) <= fromUs) next++
      for (let index = next; index < areas.length && (momentsUs[index] as number) < toUs; index++) {
        const overlapUs = Math.min(toUs, momentsUs[index + 1] as number) - Math.max(fromUs, momentsUs[index] as number)
        areas[index] = (areas[index] as number) + level * overlapUs
      }
    })
    return areas.map((area, index) => area / (widths[index] as number))
  }

  /** From the first to the last moment with at least so many in flight; undefined when there never were. */
  atLeast(level: number): { readonly fromUs: number; readonly toUs: number } | undefined {
    let span: { readonly fromUs: number; readonly toUs: number } | undefined
    this.#sweep(stretch => {
      if (stretch.level >= level) span = { fromUs: span?.fromUs ?? stretch.fromUs, toUs: stretch.toUs }
    })
    return span
  }

  /** Visits each stretch of time in which the same number was in flight, in order. */
  #sweep(visit: (stretch: Stretch) => void): void {
    const [sent, ends] = [this.#sent.ascending(), this.#ends.ascending()]
    let [started, ended] = [0, 0]
    let fromUs = sent[0] ?? 0
    while (ended < ends.length) {
      const sentUs = sent[started] ?? Number.POSITIVE_INFINITY
      const endUs = ends[ended] as number
      const toUs = Math.min(sentUs, endUs)
      if (toUs > fromUs) visit({ fromUs, toUs, level: started - ended })
      fromUs = toUs
      if (endUs <= sentUs) ended++
      else started++
    }
  }
}

interface Stretch {
  readonly fromUs: number
  readonly toUs: number
  readonly level: number
}
