import { afterEach, expect, test, vi } from 'vitest'
import type { LoadShape, Task } from '../../src/model/run-plan.ts'
import { Progress } from '../../src/report/progress.ts'
import { StatusLine } from '../../src/report/status-line.ts'
import { embedded, failed, streamed } from '../stats/records.ts'

const screen = (options: { isTTY?: boolean; columns?: number }) => {
  const written: string[] = []
  return { stream: { ...options, write: (text: string) => written.push(text) }, written }
}
const planNamed = (name: string, number: number | undefined, durationMs?: number) => ({
  name,
  number,
  warmupNumber: 2,
  durationMs,
  load: { kind: 'closed', concurrency: 5 } as LoadShape,
  task: 'generate' as Task,
})
const openLoop: LoadShape = { kind: 'open', pacing: { ratePerSec: 0.5, arrival: 'poisson' } }
const live = () => ({ inFlight: 4, schedule: undefined })
const eraseLine = '\r\u001b[2K'

test('on a terminal the line is redrawn in place and cut to its width', () => {
  const { stream, written } = screen({ isTTY: true, columns: 10 })
  const line = new StatusLine(stream)
  line.show('0123456789abc')
  line.show('0123456789xyz')
  line.clear()
  expect(written).toEqual([`${eraseLine}012345678`, eraseLine])
})

test('a line that stays goes above the live one', () => {
  const { stream, written } = screen({ isTTY: true, columns: 80 })
  const line = new StatusLine(stream)
  line.show('live')
  line.say('kept')
  expect(written.join('')).toBe(`${eraseLine}live${eraseLine}kept\n${eraseLine}live`)
})

test('a terminal that does not tell its width has 80 columns', () => {
  const { stream, written } = screen({ isTTY: true, columns: 0 })
  new StatusLine(stream).show('x'.repeat(100))
  expect(written).toEqual([`${eraseLine}${'x'.repeat(79)}`])
})

test('prompts that get ready are drawn at once and then ten times a second, however quick they are', () => {
  const { stream, written } = screen({ isTTY: true, columns: 80 })
  let now = 5000
  const progress = new Progress({ line: new StatusLine(stream), plan: planNamed('run', 8), nowMs: () => now, live })
  for (let ready = 1; ready <= 500; ready++, now += 0.5) progress.preparing(ready)
  expect(written).toEqual([1, 201, 401].map(ready => `${eraseLine}run preparing prompts: ${ready} ready`))
})

test('of a warm-up all turns count that ended, and not the conversations', () => {
  const { stream } = screen({})
  const progress = new Progress({ line: new StatusLine(stream), plan: planNamed('run', 8), nowMs: () => 0, live })
  const turn = streamed({ start: 0, end: 1, ttft: 0.2 }, { phase: 'warmup', isLastTurn: false })
  for (let sent = 0; sent < 3; sent++) progress.write(turn)
  progress.write(failed('http_5xx', { start: 0, end: 1 }, { phase: 'warmup' }))
  progress.write(failed('aborted', { start: 0, end: 1 }, { phase: 'warmup' }))
  progress.write(streamed({ start: 0, end: 1 }))
  expect(progress.warmup).toEqual({ ended: 4, failed: 1 })
})

afterEach(() => void vi.useRealTimers())

test('without a terminal there is no live line and no escape sequence', () => {
  const { stream, written } = screen({})
  const line = new StatusLine(stream)
  line.show('live')
  line.say('kept')
  line.clear()
  expect(written).toEqual(['kept\n'])
})

test('progress shows done, failures, time, rates and TTFT, and in a pipe only now and then', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({})
  let timeMs = 0
  const progress = new Progress({ line: new StatusLine(stream), plan: planNamed('run', 8), nowMs: () => timeMs, live })
  progress.start()
  const answered = streamed({ start: 0, end: 1, ttft: 0.2, gaps: [0.1], input: 5, output: 40 })
  for (let request = 0; request < 3; request++) progress.write(answered)
  progress.write(failed('http_5xx', { start: 0, end: 1 }))
  timeMs = 10_000
  vi.advanceTimersByTime(10_000)
  progress.close()
  vi.advanceTimersByTime(60_000)
  expect(written).toEqual([
    'run 4/8 · 1 failed · 0:10 left 0:10 · 0.3 req/s · 12 tok/s · TTFT p50 200 ms · 4 in flight\n',
  ])
  expect(progress.snapshot()).toMatchObject({ 'Total Requests': 4, 'Failed Requests': 1, 'Avg TTFT (ms)': 200 })
})

test.each([
  [80, '1/200 · 0:10 left 33:10 · 0.1 req/s · 4 tok/s · TTFT p50 200 ms · 4 in flight'],
  [72, '1/200 · 0:10 left 33:10 · 0.1 req/s · 4 tok/s · TTFT p50 200 ms'],
  [104, 'parallel_5_number_200 1/200 · 0:10 left 33:10 · 0.1 req/s · 4 tok/s · TTFT p50 200 ms · 4 in flight'],
  [40, '1/200 · 0:10 left 33:10 · 0.1 req/s'],
])('in %i columns figures stand whole on the live line, be it without the name', (columns, text) => {
  vi.useFakeTimers()
  const { stream, written } = screen({ isTTY: true, columns })
  let timeMs = 0
  const line = new StatusLine(stream)
  const progress = new Progress({ line, plan: planNamed('parallel_5_number_200', 200), nowMs: () => timeMs, live })
  progress.start()
  progress.write(streamed({ start: 0, end: 1, ttft: 0.2, gaps: [0.1], input: 5, output: 40 }))
  timeMs = 10_000
  vi.advanceTimersByTime(100)
  progress.close()
  expect(written).toEqual([`${eraseLine}${text}`, eraseLine])
})

test('where answers have no tokens those of prompts are shown, if the server counts them', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({})
  let timeMs = 0
  const plan = { ...planNamed('run', 8), task: 'embed' as Task }
  const progress = new Progress({ line: new StatusLine(stream), plan, nowMs: () => timeMs, live })
  progress.start()
  for (const input of [undefined, 35]) {
    progress.write(embedded({ start: 0, end: 1, ...(input !== undefined && { input }) }))
    timeMs += 10_000
    vi.advanceTimersByTime(10_000)
  }
  progress.close()
  expect(written).toEqual([
    'run 1/8 · 0:10 left 1:10 · 0.1 req/s · 4 in flight\n',
    'run 2/8 · 0:20 left 1:00 · 0.1 req/s · 2 input tok/s · 4 in flight\n',
  ])
  expect(progress.snapshot()).toMatchObject({ 'Input Throughput (tok/s)': 1.75, 'Avg Latency (s)': 1 })
  expect(progress.snapshot()).not.toHaveProperty('Output Throughput (tok/s)')
})

test('a paced load shows its schedule: due, sent, in flight and how late it is', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({ isTTY: true, columns: 80 })
  let timeMs = 0
  const progress = new Progress({
    line: new StatusLine(stream),
    plan: { ...planNamed('rate_5.0_number_60', 60, 30_000), load: openLoop },
    nowMs: () => timeMs,
    live: () => ({ inFlight: 7, schedule: { due: 51, left: 49, lateMs: 1234 } }),
  })
  progress.startWarmup()
  progress.write(streamed({ start: 0, end: 1, ttft: 0.2 }, { phase: 'warmup' }))
  vi.advanceTimersByTime(100)
  progress.start()
  timeMs = 10_000
  vi.advanceTimersByTime(100)
  timeMs = 31_000
  vi.advanceTimersByTime(100)
  progress.close()
  expect(written).toEqual([
    `${eraseLine}rate_5.0_number_60 warm-up 1/2`,
    `${eraseLine}0/60 · due 51 · sent 49 · in flight 7 · late 1.2 s · 0:10 left 0:18 · 0.0 req/s`,
    `${eraseLine}0/60 · due 51 · sent 49 · in flight 7 · late 1.2 s · 0:31 finishing · 0.0 req/s`,
    eraseLine,
  ])
})

test('turns are shown beside conversations as long as there are more of them', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({ isTTY: true, columns: 200 })
  const progress = new Progress({ line: new StatusLine(stream), plan: planNamed('run', 8), nowMs: () => 0, live })
  progress.start()
  for (const isLastTurn of [false, false, true]) {
    progress.write(streamed({ start: 0, end: 1 }, { isLastTurn }))
    vi.advanceTimersByTime(100)
  }
  progress.close()
  expect(written.join('').match(/\d\/8 · \d turns?/g)).toEqual(['0/8 · 1 turn', '0/8 · 2 turns', '1/8 · 3 turns'])
})

test('what is left of a trace is what its times say, where they are known, and then nothing', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({ isTTY: true, columns: 80 })
  let timeMs = 0
  const progress = new Progress({
    line: new StatusLine(stream),
    plan: { ...planNamed('x'.repeat(80), 60), load: { kind: 'trace' } },
    nowMs: () => timeMs,
    live: () => ({ inFlight: 1, schedule: { due: 50, left: 50, lateMs: 0 } }),
    traceMs: 125_000,
  })
  progress.start()
  for (timeMs of [5000, 130_000]) vi.advanceTimersByTime(100)
  progress.close()
  expect(written.join('').match(/\d:\d\d left \d:\d\d/g)).toEqual(['0:05 left 2:00', '2:10 left 0:00'])
})

test('what is left of a trace is judged by what was due so far, and not before anything was', () => {
  vi.useFakeTimers()
  const { stream, written } = screen({ isTTY: true, columns: 100 })
  let [timeMs, due] = [0, 0]
  const progress = new Progress({
    line: new StatusLine(stream),
    plan: { ...planNamed('trace', 60), load: { kind: 'trace' } },
    nowMs: () => timeMs,
    live: () => ({ inFlight: 1, schedule: { due, left: due, lateMs: 0 } }),
  })
  progress.start()
  timeMs = 1000
  vi.advanceTimersByTime(100)
  timeMs = 10_000
  due = 20
  vi.advanceTimersByTime(100)
  progress.close()
  expect(written.slice(0, 2)).toEqual([
    `${eraseLine}trace 0/60 · due 0 · sent 0 · in flight 1 · late 0.0 ms · 0:01 · 0.0 req/s · 0 tok/s`,
    `${eraseLine}trace 0/60 · due 20 · sent 20 · in flight 1 · late 0.0 ms · 0:10 left 0:20 · 0.0 req/s · 0 tok/s`,
  ])
})
