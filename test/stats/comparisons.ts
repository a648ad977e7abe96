import type { ComparisonRow } from '../../src/model/comparison.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { comparePairs } from '../../src/stats/compare.ts'
import { estimateRun, type RunEstimates } from '../../src/stats/estimates.ts'
import { comparedRequest, RequestCollector, type RequestColumns } from '../../src/stats/request-columns.ts'

/** A closed loop whose answers have tokens. */
export const closedLoop = { hasSchedule: false, hasOutputTokens: true }

export const columnsOf = (records: readonly RequestRecord[]): RequestColumns => {
  const collector = new RequestCollector()
  for (const record of records) {
    const request = comparedRequest(record, 'output')
    if (request !== undefined) collector.add(request)
  }
  return collector.columns()
}

export const estimatesOf = (records: readonly RequestRecord[], kind = closedLoop): RunEstimates =>
  estimateRun(columnsOf(records), kind)

export const compareRecords = (
  a: readonly RequestRecord[],
  b: readonly RequestRecord[],
  kind = closedLoop,
): readonly ComparisonRow[] => comparePairs([[estimatesOf(a, kind), estimatesOf(b, kind)]])[0] ?? []
