import { checkedRun, doubts } from '../pairs.mjs'
import { median, spreadOf } from '../statistics.mjs'
import { fixed, percent, table } from '../table.mjs'

const ratePerSec = 50
const tokens = 60

/** What the client added to what the source did, in ms, stream by stream. */
const addedMs = ({ client, source }) => {
  const sent = new Map(source.streams.map(stream => [stream.id, stream]))
  const added = { ttft: [], chunk: [], gap: [], gaps: [], sentGaps: [] }
  for (const { id, arrivalsMs } of client.streams) {
    const { writesMs } = sent.get(id)
    const lateMs = arrivalsMs.map((ms, i) => ms - writesMs[i])
    added.ttft.push(lateMs[0])
    for (let i = 0; i < lateMs.length; i++) {
      added.chunk.push(lateMs[i])
      if (i === 0) continue
      added.gap.push(Math.abs(lateMs[i] - lateMs[i - 1]))
      added.gaps.push(arrivalsMs[i] - arrivalsMs[i - 1])
      added.sentGaps.push(writesMs[i] - writesMs[i - 1])
    }
  }
  return Object.fromEntries(Object.entries(added).map(([name, values]) => [name, spreadOf(values)]))
}

const medianSpread = spreads =>
  Object.fromEntries(['p50', 'mean', 'p99'].map(figure => [figure, median(spreads.map(spread => spread[figure]))]))

const measureOne = async (context, name, streams, rounds) => {
  const { isQuick } = context
  const load = { kind: 'stream', pace: 'lockstep', streams, requests: (isQuick ? 1 : 3) * streams, tokens, ratePerSec }
  const runs = []
  for (let round = 0; round < rounds; round++) {
    runs.push(await checkedRun(context, name, { ...load, record: true }))
  }
  const added = runs.map(addedMs)
  const of = figure => medianSpread(added.map(each => each[figure]))
  return {
    name,
    streams,
    addedTtftMs: of('ttft'),
    addedChunkMs: of('chunk'),
    gapErrorMs: of('gap'),
    gapMs: of('gaps'),
    sentGapMs: of('sentGaps'),
    waitedShare: median(runs.map(({ client }) => client.waitedShare)),
    endMb: median(runs.map(({ client }) => client.endMb)),
    sourceWasLimit: runs.filter(({ source }) => source.wasLimit).length,
  }
}

const three = ({ p50, mean, p99 }) => `${fixed(p50, 2)} / ${fixed(mean, 2)} / ${fixed(p99, 2)}`

/** What the client adds to TTFT and ITL when all streams send in the same instant, against the source's own stamps. */
export const latency = {
  name: 'latency',
  title: `Added to TTFT and ITL (ms, p50 / mean / p99), lockstep, ${ratePerSec}/s, TTFT 200 ms`,
  measure: async context => {
    const results = []
    for (const streams of context.streams ?? [50, 200, 1000]) {
      results.push(await measureOne(context, 'ours', streams, context.isQuick ? 1 : 3))
      if (!context.isQuick) results.push(await measureOne(context, 'bare', streams, 1))
    }
    return results
  },
  lines: results => [
    ...table(
      ['client', 'streams', 'added TTFT', 'chunk after its write', 'ITL off by', 'ITL', 'ITL as sent', 'waited', ''],
      results.map(each => [
        each.name,
        String(each.streams),
        three(each.addedTtftMs),
        three(each.addedChunkMs),
        three(each.gapErrorMs),
        three(each.gapMs),
        three(each.sentGapMs),
        percent(each.waitedShare),
        doubts(each),
      ]),
    ),
    'the bare client stamps each chunk when undici hands it over, and parses it before the next',
  ],
}
