import type { BenchmarkComparison, ComparedFacts } from '../model/comparison.ts'
import { plainText } from '../plain-text.ts'

/** More would push the tables out of sight; `benchmark_args.json` has them all. */
const mostDifferences = 12

/** What two benchmarks were not made with alike, a line each; or that there is nothing, or no telling. */
export const differenceLines = (
  baseline: ComparedFacts,
  { other, differences, unlikeLoads, isSameDirectory }: BenchmarkComparison,
): string => {
  const [a, b] = [baseline.letter, other.letter]
  if (isSameDirectory) return `${a} and ${b} are the same directory: there is nothing to compare.`
  if (differences === undefined) return `Whether ${a} and ${b} were made with the same arguments is not known.`
  if (differences.length === 0) {
    const but = unlikeLoads.length === 0 ? '' : `, but for ${unlikeLoads.join(' and ')}`
    return `${a} and ${b} were made with the same arguments${but}.`
  }
  const lines = differences
    .slice(0, mostDifferences)
    .map(({ what, before, after }) =>
      plainText(`differs: ${what}: ${shortened(before)} in ${a}, ${shortened(after)} in ${b}`),
    )
  const more = differences.length - mostDifferences
  return [...lines, ...(more > 0 ? [`and ${more} more; benchmark_args.json has them`] : [])].join('\n')
}

const shortened = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text)
