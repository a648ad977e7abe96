import { beyondStudentT, studentT } from './student-t.ts'

/** A share of 0 to 1, as exactly known as by so many independent requests. */
export interface KnownShare {
  readonly share: number
  readonly requests: number
}

/**
 * The interval of `other` − `baseline` that leaves out `level`: Newcombe's, of Wilson's intervals of both shares. Unlike
 * one out of a standard error it stays within what is possible, and holds where nothing fails, too.
 */
export const shareDifference = (
  baseline: KnownShare,
  other: KnownShare,
  level: number,
): { readonly from: number; readonly to: number } => betweenShares(baseline, other, studentT(level, normalFreedom))

/** The smallest level at which that interval leaves out 0; 1 where there is no difference. */
export const differenceProbability = (baseline: KnownShare, other: KnownShare): number => {
  if (baseline.share === other.share) return 1
  const includesZero = (z: number): boolean => {
    const { from, to } = betweenShares(baseline, other, z)
    return from <= 0 && to >= 0
  }
  let [below, above] = [0, 1]
  // Beyond 40 no double is left of the probability.
  while (!includesZero(above) && above < 40) above *= 2
  for (let step = 0; step < 60; step++) {
    const middle = (below + above) / 2
    if (includesZero(middle)) above = middle
    else below = middle
  }
  return beyondStudentT(below, normalFreedom)
}

/** With so many degrees of freedom Student's t is the normal distribution, to six places. */
const normalFreedom = 1e6

const betweenShares = (baseline: KnownShare, other: KnownShare, z: number) => {
  const [a, b] = [wilson(baseline, z), wilson(other, z)]
  const difference = other.share - baseline.share
  return {
    from: Math.max(-1, difference - Math.hypot(other.share - b.from, a.to - baseline.share)),
    to: Math.min(1, difference + Math.hypot(b.to - other.share, baseline.share - a.from)),
  }
}

const wilson = ({ share, requests }: KnownShare, z: number) => {
  const squared = z * z
  const middle = (requests * share + squared / 2) / (requests + squared)
  const reach = (z * Math.sqrt(requests * share * (1 - share) + squared / 4)) / (requests + squared)
  // What rounding leaves beside 0 and 1 would make shares that are certain look otherwise.
  return { from: Math.min(share, middle - reach), to: Math.max(share, middle + reach) }
}
