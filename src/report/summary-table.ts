import type { RunResult, RunSummary, Spread } from '../model/result.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import { objectiveText } from '../stats/goodput.ts'
import { scheduled, showsFirstChunk, showsSpeculation } from '../stats/worth-showing.ts'
import { absent, formatFigure, formatSuccess, toPercent, toSeconds, unpacedRate } from './format.ts'
import { givenRateText, loadCells } from './load-cells.ts'
import { boxTable } from './table.ts'

type Row = readonly [metric: string, value: string]

/** Rows of the summary that belong together. */
export interface SummaryGroup {
  readonly title: string
  readonly rows: readonly Row[]
}

/** The summary of one run, in groups; rows of optional figures appear only when they tell something. */
export const summaryTable = (result: RunResult): string =>
  boxTable({
    head: ['Metric', 'Value'],
    rows: summaryGroups(result).flatMap(({ title, rows }) => [[`── ${title} ──`, ''] as const, ...rows]),
  })

/** The same as names and values; groups without any row are left out. */
export const summaryGroups = (result: RunResult): readonly SummaryGroup[] =>
  [
    { title: 'General', rows: generalRows(result) },
    { title: 'Latency', rows: latencyRows(result) },
    { title: 'Schedule', rows: scheduleRows(result) },
    { title: 'Goodput', rows: goodputRows(result) },
    { title: 'Tokens', rows: tokenRows(result) },
    {
      title: result.summary.conversations === undefined ? 'KV Cache' : 'Multi-turn',
      rows: [...conversationRows(result), ...cacheRows(result)],
    },
    { title: 'Speculative Decoding', rows: speculationRows(result) },
  ].filter(({ rows }) => rows.length > 0)

const optional = (isShown: boolean, ...row: Row): readonly Row[] => (isShown ? [row] : [])

const generalRows = ({ plan, summary }: RunResult): readonly Row[] => {
  const { totalRequests, succeededRequests, failedRequests, cutOffRequests, streamRequests, nonStreamRequests } =
    summary
  return [
    ['Test Duration (s)', formatFigure('durationSeconds', toSeconds(summary.durationMs))],
    ['Concurrency', loadCells(plan)[0]],
    [
      `Request Rate (${plan.load.pacing === undefined ? 'req/s' : scheduled(summary).unit})`,
      givenRateText(plan.load.pacing?.ratePerSec ?? unpacedRate),
    ],
    ['Total / Success / Failed', `${totalRequests} / ${succeededRequests} / ${failedRequests}`],
    ...optional(cutOffRequests > 0, 'Cut off', formatFigure('count', cutOffRequests)),
    ...optional(
      streamRequests > 0 && nonStreamRequests > 0,
      'Stream / Non-Stream',
      `${streamRequests} / ${nonStreamRequests}`,
    ),
    ['Req Throughput (req/s)', formatFigure('rate', summary.requestsPerSec)],
  ]
}

const latencyRows = ({ plan, summary, percentiles }: RunResult): readonly Row[] => [
  ['Avg Latency (s)', formatFigure('latencySeconds', toSeconds(summary.meanLatencyMs))],
  ...(hasOutputTokens(plan.task) ? tokenTimeRows(summary) : []),
  ...optional(
    percentiles.rows.some(({ series }) => series === 'connect'),
    'Avg Connect (ms)',
    formatFigure('ms', summary.meanConnectMs),
  ),
]

const tokenTimeRows = (summary: RunSummary): readonly Row[] => [
  ...optional(
    showsFirstChunk(summary.lateFirstTokenPercent),
    'Avg First Chunk (ms)',
    formatFigure('ms', summary.meanFirstChunkMs),
  ),
  ['Avg TTFT (ms)', formatFigure('ms', summary.meanTtftMs)],
  ...optional(summary.meanTtfatMs !== undefined, 'Avg TTFAT (ms)', formatFigure('ms', summary.meanTtfatMs)),
  ['Avg TPOT (ms)', formatFigure('ms', summary.meanTpotMs)],
  ['Avg ITL (ms)', formatFigure('ms', summary.meanItlMs)],
]

const scheduleRows = ({ plan, summary }: RunResult): readonly Row[] => {
  const { schedule } = summary
  if (schedule === undefined) return []
  const { unit } = scheduled(summary)
  return [
    [
      `${plan.load.kind === 'trace' ? 'Trace' : 'Drawn'} Rate (${unit})`,
      formatFigure('rate', schedule.drawnRatePerSec),
    ],
    [`Realised Rate (${unit})`, formatFigure('rate', schedule.realisedRatePerSec)],
    ['Lateness p50 / p99 / max (ms)', spreadText(schedule.latenessMs)],
    ...optional((schedule.overdueRequests ?? 0) > 0, 'Never Sent', formatFigure('count', schedule.overdueRequests)),
    ...optional(plan.load.kind === 'closed', 'Slot Wait p50 / p99 / max (ms)', spreadText(schedule.slotWaitMs)),
    ['Latency From Schedule (s)', formatFigure('latencySeconds', toSeconds(schedule.meanLatencyMs))],
    ...optional(hasOutputTokens(plan.task), 'TTFT From Schedule (ms)', formatFigure('ms', schedule.meanTtftMs)),
  ]
}

const goodputRows = ({ summary: { goodput, totalRequests } }: RunResult): readonly Row[] =>
  goodput === undefined
    ? []
    : [
        ['Goodput (req/s)', formatFigure('rate', goodput.requestsPerSec)],
        ['Good / Total', `${goodput.goodRequests} / ${totalRequests} (${formatSuccess(goodput.percent)})`],
        ...goodput.objectives.map(
          ({ missed, unmeasured, ...objective }): Row => [
            `Missed ${objectiveText(objective)}`,
            unmeasured === 0 ? String(missed) : `${missed}, not measured ${unmeasured}`,
          ],
        ),
      ]

const spreadText = (spread: Spread | undefined): string =>
  spread === undefined
    ? absent
    : [spread.p50, spread.p99, spread.max].map(value => formatFigure('ms', value)).join(' / ')

const tokenRows = ({ plan, summary }: RunResult): readonly Row[] => {
  const input: Row = ['Avg Input Tokens', formatFigure('meanCount', summary.meanInputTokens)]
  if (!hasOutputTokens(plan.task)) {
    return [
      input,
      ['Input Throughput (tok/s)', formatFigure('rate', summary.inputTokensPerSec)],
      ...toLastSuccessRow(summary.inputTokensPerSecToLastSuccess),
      ...tokenSourceRows(summary),
    ]
  }
  return [
    input,
    ['Avg Output Tokens', formatFigure('meanCount', summary.meanOutputTokens)],
    ['Output Throughput (tok/s)', formatFigure('rate', summary.outputTokensPerSec)],
    ...toLastSuccessRow(summary.outputTokensPerSecToLastSuccess),
    ['Total Throughput (tok/s)', formatFigure('rate', summary.totalTokensPerSec)],
    ...tokenSourceRows(summary),
  ]
}

/** Requests by where their tokens are counted, unless the server counts all. */
const tokenSourceRows = ({ tokenSources, succeededRequests }: RunSummary): readonly Row[] =>
  tokenSources.usage === succeededRequests
    ? []
    : (['usage', 'tokenizer', 'chunks', 'none'] as const).flatMap(source => {
        const count = tokenSources[source]
        const percent = formatFigure('percent', (100 * count) / succeededRequests)
        return optional(count > 0, sourceLabels[source], `${count} (${percent}%)`)
      })

const sourceLabels = {
  usage: 'Counted by Server',
  tokenizer: 'Counted by Tokenizer',
  chunks: 'Counted as Chunks',
  none: 'Not Counted',
} as const

const toLastSuccessRow = (perSec: number | undefined): readonly Row[] =>
  optional(perSec !== undefined, 'Up to Last Success (tok/s)', formatFigure('rate', perSec))

const conversationRows = ({ summary: { conversations } }: RunResult): readonly Row[] => {
  if (conversations === undefined) return []
  const { begun, abandoned, cutOff } = conversations
  return [
    ['Conversations / Abandoned', `${begun} / ${abandoned}`],
    ...optional(cutOff > 0, 'Cut Off Conversations', formatFigure('count', cutOff)),
    ['Avg Turns/Request', formatFigure('meanCount', conversations.meanTurnNumber)],
    ['Avg First-Turn TTFT (ms)', formatFigure('ms', conversations.meanFirstTtftMs)],
    ['Avg Subsequent-Turn TTFT (ms)', formatFigure('ms', conversations.meanLaterTtftMs)],
  ]
}

const cacheRows = ({ summary: { cachedPercent, conversations } }: RunResult): readonly Row[] => {
  const estimated = conversations?.estimatedCachedPercent
  return [
    ...optional(cachedPercent !== undefined, 'KV Cache Hit Rate (%)', formatFigure('percent', cachedPercent)),
    ...optional(estimated !== undefined, 'KV Cache Hit Rate (%) (estimated)', formatFigure('percent', estimated)),
  ]
}

const speculationRows = ({ summary }: RunResult): readonly Row[] => {
  const { decodedTokensPerIteration, specAcceptanceRate } = summary
  if (!showsSpeculation(summary)) return []
  return [
    ['Avg Decoded Tok/Iter', formatFigure('perIteration', decodedTokensPerIteration)],
    ['Spec. Accept Rate', formatFigure('percent', toPercent(specAcceptanceRate))],
  ]
}
