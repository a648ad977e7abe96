import { expect, test } from 'vitest'
import { latencyUs, type RequestRecord } from '../../src/model/record.ts'
import { spawnSimulatedServer } from '../../src/server/spawn.ts'
import { planFor } from '../support/ask.ts'
import { load } from '../support/load.ts'

const streams = 100
const measured = 600
const outputTokens = 8

interface Truth {
  readonly writtenMs: readonly number[]
}

/** The records of one run against an engine with TTFT 200 ms and ITL 20 ms, and what the engine says it sent. */
const runOnce = async (desync: boolean): Promise<{ records: RequestRecord[]; truths: Truth[] }> => {
  const knobs = {
    prefillBaseMs: 200,
    prefillTokensPerSec: Number.POSITIVE_INFINITY,
    itlMs: 20,
    batchScale: Number.POSITIVE_INFINITY,
    maxBatch: 2 * streams,
    outputTokens,
    outputSpread: 0,
    desync,
  }
  const server = await spawnSimulatedServer({ knobs })
  const number = streams + measured
  const base = planFor(`${server.url}/v1/chat/completions`)
  const plan = {
    ...base,
    number,
    load: { kind: 'closed', concurrency: streams } as const,
  }
  const { records: all } = await load(plan)
  // The first wave comes in all at once and meets cold code.
  const records = all.filter(({ index }) => index >= streams)
  const truths = await Promise.all(
    records.map(async ({ requestId }) => (await (await fetch(`${server.url}/truth/${requestId}`)).json()) as Truth),
  )
  await server.close()
  return { records, truths }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

const gaps = (stamps: readonly number[]): number[] => stamps.slice(1).map((stamp, i) => stamp - (stamps[i] as number))

/** The sender's clock (monotonic, the machine's) for a wall-clock stamp of ours. */
const senderMs = (us: number): number =>
  us / 1000 - performance.timeOrigin - performance.now() + Number(process.hrtime.bigint()) / 1e6

interface Errors {
  /** Our TTFT against the time from our sending to the sender's first write. */
  readonly ttftMs: number
  readonly itlMs: number
  readonly latencyMs: number
}

const compare = (records: readonly RequestRecord[], truths: readonly Truth[]): Errors => {
  const ttftMs = median(records.map(({ ttftUs }) => (ttftUs as number) / 1000))
  const sentMs = records.map(({ sentUs }) => senderMs(sentUs))
  const trueMs = (pick: (truth: Truth, index: number) => number): number => median(truths.map(pick))
  const firstWrite = ({ writtenMs }: Truth): number => writtenMs[0] as number
  const lastWrite = ({ writtenMs }: Truth): number => writtenMs.at(-1) as number
  const trueItlMs = median(truths.flatMap(({ writtenMs }) => gaps(writtenMs)))
  return {
    ttftMs: Math.abs(ttftMs - trueMs((truth, index) => firstWrite(truth) - (sentMs[index] as number))),
    itlMs: Math.abs(median(records.flatMap(({ gapsUs }) => gapsUs.map(gapUs => gapUs / 1000))) - trueItlMs),
    latencyMs: Math.abs(
      median(records.map(record => latencyUs(record) / 1000)) -
        trueMs((truth, index) => lastWrite(truth) - (sentMs[index] as number)),
    ),
  }
}

test.each([
  // Engines emit the tokens of a whole batch at once: the hardest case for a client on one thread.
  ['all at once', false],
  ['each on its own beat', true],
])('100 streams of TTFT 200 ms and ITL 20 ms, %s, are measured as the sender wrote them', async (_, desync) => {
  const rounds: Errors[] = []
  for (let round = 0; round < 3; round++) {
    const { records, truths } = await runOnce(desync)
    expect(records).toHaveLength(measured)
    expect(records.filter(record => record.failure !== undefined)).toEqual([])
    expect(new Set(records.map(record => record.outputTokens))).toEqual(new Set([outputTokens]))
    expect(new Set(records.map(record => record.chunkCount))).toEqual(new Set([outputTokens]))
    rounds.push(compare(records, truths))
  }
  const error = (name: keyof Errors): number => median(rounds.map(round => round[name]))
  expect(error('ttftMs')).toBeLessThan(0.01 * 200 + 1)
  expect(error('itlMs')).toBeLessThan(0.01 * 20 + 1)
  expect(error('latencyMs')).toBeLessThan(0.01 * 340 + 1)
})
