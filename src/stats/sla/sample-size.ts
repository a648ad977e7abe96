import { readFigure } from '../named-figures.ts'
import { samplesNeeded } from '../sample-rule.ts'
import { judgedCriteria, type SlaGroup } from './criteria.ts'
import type { MeasuredValue } from './judge.ts'

/**
 * How many requests more, conversations of several turns each, it takes until every percentile that is asked for is
 * carried, going by what there was in those so far; 0 where no number of them would.
 */
export const missingRequests = (groups: readonly SlaGroup[], measured: MeasuredValue | undefined): number => {
  const figures = groups.flatMap(judgedCriteria).map(({ figure }) => figure)
  return Math.max(
    0,
    ...figures.map(figure => {
      if (figure.level === undefined) return 0
      const needed = samplesNeeded(figure.level)
      // A request has one sample of most figures, and many of ITL: how many shows when there was one.
      if (measured === undefined) return figure.name.endsWith('_itl') ? 0 : needed
      const { summary } = measured
      const { count } = readFigure(figure, measured)
      const requests = summary.conversations?.begun ?? summary.totalRequests
      return count === 0 ? 0 : Math.ceil((Math.max(0, needed - count) * requests) / count)
    }),
  )
}
