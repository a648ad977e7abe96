import type { Timeline } from '../model/result.ts'
import type { Accumulator } from './accumulator.ts'

const maxPoints = 1000

/** A run over time, from the first sent to the last end, requests cut off by us included; undefined without any. */
export const timelineOf = ({ inFlight, tokens }: Accumulator): Timeline | undefined => {
  const { firstUs, lastUs } = inFlight
  if (firstUs === undefined || lastUs === undefined) return undefined
  const moments = [firstUs, ...momentsOf(firstUs, lastUs)]
  const means = inFlight.meansBetween(moments)
  const sums = { completion: 0, newPrompt: 0, cachedPrompt: 0 }
  const points = means.map((meanInFlight, index) => {
    const [fromUs, toUs] = [moments[index] as number, moments[index + 1] as number]
    const gained = tokens.tokensBetween(fromUs, toUs)
    sums.completion += gained.completion
    sums.newPrompt += gained.newPrompt
    sums.cachedPrompt += gained.cachedPrompt
    return {
      tMs: (toUs - firstUs) / 1000,
      completion: Math.round(sums.completion),
      newPrompt: Math.round(sums.newPrompt),
      cachedPrompt: Math.round(sums.cachedPrompt),
      meanInFlight,
    }
  })
  return { startUs: firstUs, points }
}

/** The ends of even steps, and of the last one, which may be shorter. */
const momentsOf = (fromUs: number, toUs: number): readonly number[] => {
  const stepUs = stepFor(toUs - fromUs)
  const steps = Math.ceil((toUs - fromUs) / stepUs)
  return Array.from({ length: steps }, (_, index) => Math.min(fromUs + (index + 1) * stepUs, toUs))
}

/** The finest of 10, 20, 50, 100, … ms that cuts a span into at most a thousand steps. */
const stepFor = (spanUs: number): number => {
  for (let decadeUs = 10_000; ; decadeUs *= 10) {
    for (const factor of [1, 2, 5]) {
      if (spanUs <= maxPoints * factor * decadeUs) return factor * decadeUs
    }
  }
}
